package org.jlab.jiriaf.jrm.site;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.site.SiteProfile.ImageFetch;
import org.jlab.jiriaf.jrm.site.SiteProfile.ScriptStart;
import org.jspecify.annotations.Nullable;

/** Finds the profile of a site: one that jrm knows, one that the {@code profile} block describes, or one changed by it. */
final class SiteProfileReader {

    private final SiteFields fields;
    private final SiteValues values;

    SiteProfileReader(SiteFields fields, SiteValues values) {
        this.fields = fields;
        this.values = values;
    }

    SiteProfile read(String site) {
        String name = values.text(SiteKey.CONFIG_CLASS, TextRules::oneLine, site);
        Optional<SiteProfile> known = SiteProfile.known().stream()
                .filter(profile -> profile.name().equals(name))
                .findFirst();
        boolean described = SiteKey.in("profile").stream()
                .anyMatch(key -> !fields.values(key).isEmpty() || fields.isFaulty(key));
        if (described) {
            return changed(name, known);
        }
        if (known.isEmpty()) {
            unknown(name);
        }
        return known.orElse(SiteProfile.FABRIC);
    }

    private SiteProfile changed(String name, Optional<SiteProfile> known) {
        if (known.isEmpty()) {
            // Nothing says how a new site does these two.
            Stream.of(SiteKey.CONTAINER, SiteKey.START)
                    .filter(key -> fields.values(key).isEmpty() && !fields.isFaulty(key))
                    .forEach(key -> fields.fault(
                            key,
                            null,
                            "is missing in the description of site profile '" + name + "'; expected " + key.expected));
        }
        SiteProfile base = known.orElse(SiteProfile.TEST);
        return new SiteProfile(
                name,
                values.choice(SiteKey.CONTAINER, ImageFetch.class, base.imageFetch()),
                values.choice(SiteKey.START, ScriptStart.class, base.scriptStart()),
                or(values.lines(SiteKey.SRUN_OPTIONS, SiteProfileReader::srunOption), base.srunOptions()),
                values.flag(SiteKey.NODE_TUNNELS, base.nodeTunnels()),
                values.flag(SiteKey.LAUNCHPAD_FORWARD, base.launchpadForward()),
                values.text(SiteKey.CONDA, TextRules::queueLine, base.condaEnvironment()),
                or(values.lines(SiteKey.PROLOGUE, TextRules::queueLine), base.prologue()));
    }

    private void unknown(String name) {
        String known = SiteProfile.known().stream().map(SiteProfile::name).collect(Collectors.joining(", "));
        if (!fields.values(SiteKey.CONFIG_CLASS).isEmpty() && !fields.isFaulty(SiteKey.CONFIG_CLASS)) {
            fields.fault(
                    SiteKey.CONFIG_CLASS,
                    name,
                    "is no site profile; expected one of " + known + ", or a profile block that describes it");
        } else if (!fields.isFaulty(SiteKey.CONFIG_CLASS) && !fields.isFaulty(SiteKey.SITE)) {
            fields.fault(
                    SiteKey.CONFIG_CLASS,
                    null,
                    "is blank, and the site '" + name + "' is not itself a profile; expected one of " + known
                            + ", or a profile block that describes it");
        }
    }

    private static @Nullable String srunOption(String option) {
        return option.startsWith("-") ? TextRules.oneLine(option) : "an option that begins with a hyphen";
    }

    private static List<String> or(List<String> lines, List<String> otherwise) {
        return lines.isEmpty() ? otherwise : lines;
    }
}
