package org.jlab.jiriaf.jrm.port;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The ports of a range in random order, each once, those at risk last. What it costs depends on how many are drawn, not on
 * how large the range is. Not thread-safe.
 */
final class CandidatePorts {

    private final Set<Integer> never;
    private final Shuffle preferred;
    private final Shuffle atRisk;

    CandidatePorts(PortRange range, Set<Integer> never, Collection<PortRange> avoided, RandomGenerator random) {
        this.never = never;
        List<PortRange> safe = without(List.of(range), avoided);
        preferred = new Shuffle(safe, random);
        atRisk = new Shuffle(without(List.of(range), safe), random);
    }

    /** The next port, or empty after the last one. */
    OptionalInt next() {
        while (true) {
            Shuffle source = preferred.isEmpty() ? atRisk : preferred;
            if (source.isEmpty()) {
                return OptionalInt.empty();
            }
            int port = source.draw();
            if (!never.contains(port)) {
                return OptionalInt.of(port);
            }
        }
    }

    private static List<PortRange> without(List<PortRange> ranges, Collection<PortRange> cuts) {
        List<PortRange> left = ranges;
        for (PortRange cut : cuts) {
            List<PortRange> next = new ArrayList<>();
            for (PortRange range : left) {
                addIfAny(next, range.first(), Math.min(range.last(), cut.first() - 1));
                addIfAny(next, Math.max(range.first(), cut.last() + 1), range.last());
            }
            left = next;
        }
        return left;
    }

    private static void addIfAny(List<PortRange> ranges, int first, int last) {
        if (first <= last) {
            ranges.add(new PortRange(first, last));
        }
    }

    /** A Fisher-Yates shuffle that remembers only the places that have been swapped. */
    private static final class Shuffle {

        private final List<PortRange> ranges;
        private final RandomGenerator random;
        private final int size;
        private final Map<Integer, Integer> swapped = new HashMap<>();
        private int drawn;

        Shuffle(List<PortRange> ranges, RandomGenerator random) {
            this.ranges = ranges;
            this.random = random;
            size = ranges.stream().mapToInt(PortRange::size).sum();
        }

        boolean isEmpty() {
            return drawn == size;
        }

        int draw() {
            int place = random.nextInt(drawn, size);
            int index = swapped.getOrDefault(place, place);
            swapped.put(place, swapped.getOrDefault(drawn, drawn));
            swapped.remove(drawn);
            drawn++;
            return port(index);
        }

        private int port(int index) {
            int offset = index;
            for (PortRange range : ranges) {
                if (offset < range.size()) {
                    return range.first() + offset;
                }
                offset -= range.size();
            }
            throw new IndexOutOfBoundsException(index);
        }
    }
}
