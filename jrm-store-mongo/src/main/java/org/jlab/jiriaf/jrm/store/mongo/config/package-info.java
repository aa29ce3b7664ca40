/** Reads {@code my_launchpad.yaml} as FireWorks reads it: start at {@link org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig}. */
@NullMarked
package org.jlab.jiriaf.jrm.store.mongo.config;

import org.jspecify.annotations.NullMarked;
