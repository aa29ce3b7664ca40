/** The program that operators run: its commands, its service, the doctor and the demonstration. */
@NullMarked
package org.jlab.jiriaf.jrm.app;

import org.jspecify.annotations.NullMarked;
