/**
 * The LaunchPad of FireWorks in MongoDB: what jrm writes, FireWorks runs; what FireWorks writes, jrm reads. Works on any
 * server that speaks MongoDB's protocol; needs neither transactions nor sessions.
 */
@NullMarked
package org.jlab.jiriaf.jrm.store.mongo;

import org.jspecify.annotations.NullMarked;
