package org.jlab.jiriaf.jrm.script;

import org.jlab.jiriaf.jrm.contract.BatchScriptRendererContract;

class JrmScriptRendererContractTest extends BatchScriptRendererContract {

    @Override
    protected BatchScriptRenderer renderer() {
        return new JrmScriptRenderer();
    }
}
