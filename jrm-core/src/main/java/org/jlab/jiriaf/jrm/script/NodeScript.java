package org.jlab.jiriaf.jrm.script;

/**
 * The script that becomes one JRM.
 *
 * @param nodeName name of the node
 * @param fileName file name in the launch folder, {@code <node>.sh}
 * @param content the script, lines ended by LF
 */
public record NodeScript(String nodeName, String fileName, String content) {}
