package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.Locale;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.store.mongo.config.OptionLayer.Given;
import org.jlab.jiriaf.jrm.store.mongo.config.PymongoOption.Known;
import org.jlab.jiriaf.jrm.store.mongo.config.PymongoOption.Use;

/** Tells where FireWorks 1.9.7 and 2.x read the options of a file in different ways, and what both refuse. */
final class FireworksVersions {

    private FireworksVersions() {}

    static void compare(boolean uriMode, String host, LaunchpadUri uri, OptionLayer keywords, Findings findings) {
        Stream.concat(uri.options().all().stream(), keywords.all().stream())
                .filter(given -> given.option().known() != Known.BOTH)
                .forEach(given -> findings.warn(given.place() + ": only the pymongo of FireWorks "
                        + (given.option().known() == Known.OLD ? "1.9.7" : "2.x") + " knows it"));
        if (uriMode) {
            compareInUriMode(host, keywords, findings);
        } else {
            keywords.all().forEach(given -> compare(given, findings));
        }
    }

    private static void compareInUriMode(String host, OptionLayer keywords, Findings findings) {
        if (!keywords.all().isEmpty()) {
            findings.warn("mongoclient_kwargs: FireWorks 1.9.7 ignores it in uri_mode; put the options into the URI");
        }
        if (host.indexOf('/', Math.max(0, host.indexOf('?'))) > host.indexOf('?') && host.contains("?")) {
            findings.warn(
                    "host: FireWorks up to 2.0.3 takes the text behind the last '/' of the URI for the database; write"
                            + " '/' as %2F in the options");
        }
    }

    /** What FireWorks itself hands to pymongo cannot be given a second time. */
    private static void compare(Given given, Findings findings) {
        String key = given.place().split(" ", 2)[0];
        String name = given.option().name();
        boolean ofFile = given.option().use() == Use.LOGIN && !name.startsWith("authMechanism");
        if (ofFile && !key.equals("mongoclient_kwargs.authsource")) {
            findings.fault(given.place() + ": FireWorks refuses it here; use the file's own key "
                    + name.toLowerCase(Locale.ROOT));
        } else if (name.equals("socketTimeoutMS") || key.equals("mongoclient_kwargs.ssl")) {
            findings.warn(given.place() + ": FireWorks 1.9.7 refuses it, as it sets this option itself");
        }
    }
}
