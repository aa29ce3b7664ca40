package org.jlab.jiriaf.jrm.deploy;

import java.util.Locale;

/** A step of a deployment's life, in the order in which they come. */
public enum DeploymentStep {
    /** Note the deployment in the journal. */
    RECORD,
    /** Log in to the login node. */
    CONNECT,
    /** Put files on the site that its job needs. */
    PREPARE_SITE,
    /** Lease kubelet and custom metrics ports. */
    LEASE_PORTS,
    /** Open the forwards between control plane and login node. */
    OPEN_TUNNELS,
    /** Render the scripts. */
    RENDER,
    /** Check that everything still stands, and store the workflow. From here on an agent can take it. */
    STORE_WORKFLOW,
    /** Wait until all nodes are Ready. */
    AWAIT_NODES,
    /** End the batch job. */
    CANCEL_JOB,
    /** Close the forwards that this process holds. */
    CLOSE_TUNNELS,
    /** Give the port leases back. */
    RELEASE_PORTS,
    /** Delete the nodes from Kubernetes. */
    DELETE_NODES,
    /** Delete the workflow from the store. */
    DELETE_WORKFLOW,
    /** Compare what there is with what there should be, and decide what is to be done. */
    RECONCILE;

    /** Prints the step as words, such as {@code lease ports}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
