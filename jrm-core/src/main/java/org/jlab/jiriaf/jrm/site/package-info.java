/** What a site is and asks for: the configuration file, walltimes, site profiles. */
@NullMarked
package org.jlab.jiriaf.jrm.site;

import org.jspecify.annotations.NullMarked;
