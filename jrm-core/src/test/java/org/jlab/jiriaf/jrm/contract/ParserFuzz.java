package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Feeds a parser with mutations of samples. Whatever they contain, only the exceptions that the parser is allowed to throw come
 * out, and each comes within a minute. By default the mutations are the same at each run. {@code -Djrm.fuzz.seconds=N} feeds new
 * ones for N seconds, {@code -Djrm.fuzz.seed=S} repeats such a run, and {@code -Djrm.fuzz.replay=FILE} feeds the one input that a
 * failure has written to a file.
 */
public final class ParserFuzz {

    private static final int MUTATIONS = 300;
    private static final Duration HANGS = Duration.ofMinutes(1);
    private static final Path FAILURES = Path.of("target", "fuzz");

    private static final List<byte[]> TOKENS = List.of(
            new byte[] {0},
            new byte[] {(byte) 0xff, (byte) 0xfe},
            new byte[] {(byte) 0xc3},
            bytes("\uFEFF"),
            bytes("\u0085"),
            bytes("\u2028"),
            bytes("\u202E"),
            bytes("\u001e"),
            bytes("\u001f"),
            bytes("\r\n"),
            bytes("\t"),
            bytes("'"),
            bytes("\""),
            bytes("---\n"),
            bytes("%YAML 1.1\n---\n"),
            bytes("&a [*a, *a]"),
            bytes("<<: *a"),
            bytes("!!binary x"),
            bytes("!!java.net.URL x"),
            bytes("null"),
            bytes("[]"),
            bytes("{}"),
            bytes("$${x}"),
            bytes("${"),
            bytes("%s%h%%"),
            bytes("!*"),
            bytes("|1|"),
            bytes("-1"),
            bytes("99999999999999999999"),
            bytes("1e400"),
            bytes(".nan"),
            bytes("2026-02-30"),
            bytes("["),
            bytes("[".repeat(5000)),
            bytes("{a: ".repeat(5000)),
            bytes("- ".repeat(5000)),
            bytes("a".repeat(200_000)),
            bytes("\n".repeat(3000)));

    private final Random random;
    private final List<byte[]> samples;

    private ParserFuzz(Random random, List<byte[]> samples) {
        this.random = random;
        this.samples = samples;
    }

    /** What is fed. */
    @FunctionalInterface
    public interface Parser {

        /**
         * Parses.
         *
         * @param input any bytes
         * @throws Exception what is allowed, or what fails the test
         */
        void parse(byte[] input) throws Exception;
    }

    /**
     * Feeds a parser.
     *
     * @param samples texts of the kind that it is made for
     * @param parser the parser
     * @param allowed the exceptions that it may throw
     */
    public static void feed(List<String> samples, Parser parser, Class<?>... allowed) {
        Feeder feeder = new Feeder(parser, List.of(allowed));
        try {
            String replay = System.getProperty("jrm.fuzz.replay");
            if (replay != null) {
                feeder.feed(Files.readAllBytes(Path.of(replay)), replay);
                return;
            }
            int seconds = Integer.getInteger("jrm.fuzz.seconds", 0);
            long seed = Long.getLong("jrm.fuzz.seed", seconds == 0 ? 1 : System.nanoTime());
            if (seconds > 0) {
                System.out.println("Fuzzing with seed " + seed);
            }
            ParserFuzz fuzz = new ParserFuzz(
                    new Random(seed), samples.stream().map(ParserFuzz::bytes).toList());
            long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
            for (int i = 0; seconds == 0 ? i < MUTATIONS : System.nanoTime() < end; i++) {
                feeder.feed(fuzz.mutation(), "mutation " + i + " of seed " + seed);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            feeder.executor.shutdownNow();
        }
    }

    /** Calls the parser in a thread of its own, so that an input on which it hangs is named. */
    private record Feeder(Parser parser, List<Class<?>> allowed, ExecutorService executor) {

        Feeder(Parser parser, List<Class<?>> allowed) {
            this(parser, allowed, Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(task, "fuzz");
                thread.setDaemon(true);
                return thread;
            }));
        }

        void feed(byte[] input, String which) throws IOException {
            Future<?> parsing = executor.submit(() -> {
                parser.parse(input);
                return null;
            });
            try {
                parsing.get(HANGS.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                fail(which + " hangs: " + written(input), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                fail("interrupted", e);
            } catch (ExecutionException e) {
                Throwable thrown = e.getCause();
                if (allowed.stream().noneMatch(each -> each.isInstance(thrown))) {
                    fail(which + ": " + written(input), thrown);
                }
            }
        }

        private static String written(byte[] input) throws IOException {
            Files.createDirectories(FAILURES);
            Path file = FAILURES.resolve("input-" + Integer.toHexString(Arrays.hashCode(input)));
            Files.write(file, input);
            return "repeat it with -Djrm.fuzz.replay=" + file.toAbsolutePath();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] mutation() {
        byte[] input = any(samples);
        for (int i = random.nextInt(4); i >= 0; i--) {
            input = mutated(input);
        }
        return input;
    }

    private byte[] any(List<byte[]> list) {
        return list.get(random.nextInt(list.size()));
    }

    private byte[] mutated(byte[] input) {
        int from = random.nextInt(input.length + 1);
        int to = Math.min(input.length, from + random.nextInt(12));
        return switch (random.nextInt(7)) {
            case 0 -> flipped(input);
            case 1 -> joined(input, from, new byte[0], to);
            case 2 -> joined(input, from, any(TOKENS), from);
            case 3 -> joined(input, from, any(TOKENS), to);
            case 4 -> joined(input, from, Arrays.copyOfRange(input, from, to), from);
            case 5 -> spliced(input, from);
            default -> withoutLine(input, from);
        };
    }

    private byte[] flipped(byte[] input) {
        byte[] result = input.clone();
        if (result.length > 0) {
            result[random.nextInt(result.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return result;
    }

    private byte[] spliced(byte[] input, int from) {
        byte[] other = any(samples);
        int start = random.nextInt(other.length + 1);
        return joined(input, from, Arrays.copyOfRange(other, start, other.length), input.length);
    }

    private static byte[] withoutLine(byte[] input, int from) {
        int end = from;
        while (end < input.length && input[end] != '\n') {
            end++;
        }
        return joined(input, from, new byte[0], end);
    }

    private static byte[] joined(byte[] input, int end, byte[] middle, int start) {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        result.write(input, 0, end);
        result.writeBytes(middle);
        result.write(input, start, input.length - start);
        return result.toByteArray();
    }
}
