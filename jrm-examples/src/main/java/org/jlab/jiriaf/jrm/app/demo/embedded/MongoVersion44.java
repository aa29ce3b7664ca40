package org.jlab.jiriaf.jrm.app.demo.embedded;

import de.bwaldvogel.mongo.MongoVersion;
import java.util.List;

/** What an embedded server says that it is. By itself it says something too old for pymongo from 4.11 on. */
public final class MongoVersion44 implements MongoVersion {

    /** Makes the version. */
    public MongoVersion44() {}

    @Override
    public List<Integer> getVersionArray() {
        return List.of(4, 4, 0);
    }

    @Override
    public int getWireVersion() {
        return 9;
    }
}
