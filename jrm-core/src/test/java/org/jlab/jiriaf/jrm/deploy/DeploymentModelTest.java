package org.jlab.jiriaf.jrm.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random sequences of what can happen to deployments, each step followed by a look at the {@link Invariants}. A sequence that
 * violates one is shrunk before it is shown.
 *
 * <p>System properties: {@code jrm.model.steps} (default 10000), {@code jrm.model.seed} of the first sequence (default 1).
 */
class DeploymentModelTest {

    private static final int SEQUENCE = 50;

    private static final List<Faults.Kind> KINDS = List.of(Faults.Kind.values());

    private static final Duration[] TIMES = {
        Duration.ofMinutes(1),
        Duration.ofMinutes(20),
        Duration.ofMinutes(50),
        Duration.ofHours(2),
        Duration.ofHours(5),
        Duration.ofMinutes(-10)
    };

    /** What can happen. */
    private enum Action {
        DEPLOY(12),
        DELETE(4),
        RELEASE(6),
        RESUME(4),
        LOOK_AFTER(4),
        DELETE_PORTS(1),
        KILL(3),
        START(4),
        LAUNCH(6),
        START_JOB(6),
        END_JOB(4),
        LOSE_NODE(1),
        LOGIN_NODES(3),
        CLOCK(6),
        DEFUSE(1),
        ARCHIVE(1),
        REMOVE_WORKFLOW(1),
        FOREIGN_LISTENER(3),
        SETTLE(2);

        final int weight;

        Action(int weight) {
            this.weight = weight;
        }
    }

    /** One step; what its numbers mean depends on what there is when it comes. */
    private record Move(
            Action action, int a, int b, @Nullable Spoiled spoiled) {

        Move(Action action) {
            this(action, 0, 0, null);
        }

        @Override
        public String toString() {
            return action + "(" + a + ", " + b + ")" + (spoiled == null ? "" : " at call " + spoiled);
        }
    }

    /** Which call of a move is spoiled, and how; {@code others} is what somebody else does at that moment. */
    private record Spoiled(
            int call, Faults.Kind kind, @Nullable Move others) {

        @Override
        public String toString() {
            return call + " " + kind + (others == null ? "" : ": " + others);
        }
    }

    @Test
    void noInvariantIsViolatedWhateverHappens() {
        int steps = Integer.getInteger("jrm.model.steps", 10_000);
        long seed = Long.getLong("jrm.model.seed", 1L);
        for (int done = 0; done < steps; done += SEQUENCE) {
            long present = seed + done / SEQUENCE;
            List<Move> moves = moves(present);
            AssertionError violation = violation(present, moves);
            if (violation != null) {
                report(present, moves);
            }
        }
    }

    private static void report(long seed, List<Move> moves) {
        List<Move> shrunk = shrink(seed, moves);
        AssertionError violation = violation(seed, shrunk);
        fail(
                "With seed " + seed + ", after\n"
                        + shrunk.stream().map(move -> "  " + move).collect(Collectors.joining("\n")),
                violation);
    }

    private static List<Move> moves(long seed) {
        Random random = new Random(seed);
        List<Action> bag = new ArrayList<>();
        for (Action action : Action.values()) {
            for (int i = 0; i < action.weight; i++) {
                bag.add(action);
            }
        }
        List<Move> moves = new ArrayList<>();
        for (int i = 1; i < SEQUENCE; i++) {
            moves.add(move(bag, random, true));
        }
        moves.add(new Move(Action.SETTLE));
        return moves;
    }

    private static Move move(List<Action> bag, Random random, boolean maySpoil) {
        Action action = bag.get(random.nextInt(bag.size()));
        Spoiled spoiled = null;
        if (maySpoil && random.nextBoolean()) {
            // Half of them are others', as most can go wrong there; and rather an early call, as some moves make few.
            Faults.Kind kind =
                    random.nextBoolean() ? Faults.Kind.OTHERS_STEP_IN : KINDS.get(random.nextInt(KINDS.size()));
            Move others = kind == Faults.Kind.OTHERS_STEP_IN ? move(bag, random, false) : null;
            spoiled = new Spoiled(random.nextInt(1 + random.nextInt(25)), kind, others);
        }
        return new Move(action, random.nextInt(100), random.nextInt(100), spoiled);
    }

    private static @Nullable AssertionError violation(long seed, List<Move> moves) {
        World world = new World(seed);
        Invariants invariants = new Invariants(world);
        try {
            for (Move move : moves) {
                apply(world, invariants, move);
                world.buryJobs();
                invariants.check();
            }
            return null;
        } catch (AssertionError e) {
            return e;
        } catch (RuntimeException e) {
            return new AssertionError("not an exception of jrm: " + e, e);
        }
    }

    private static void apply(World world, Invariants invariants, Move move) {
        World.Launcher process = world.processes.get(move.a() % world.processes.size());
        World.Fault fault = fault(world, invariants, process, move.spoiled());
        int b = move.b();
        switch (move.action()) {
            case DEPLOY -> world.deploy(process, 1 + b % 2, b % 3 == 0 ? "request-" + b % 5 : null, fault);
            case DELETE -> world.delete(process, b, fault);
            case RELEASE -> world.work(process, fault, JrmDeployer::reconcile);
            case RESUME -> world.work(process, fault, jrm -> jrm.resume(Duration.ofMinutes(1)));
            case LOOK_AFTER -> world.work(process, fault, JrmDeployer::lookAfter);
            case DELETE_PORTS ->
                world.work(process, fault, jrm -> jrm.deletePorts(b % 2 == 0 ? World.KUBELET : World.CUSTOM));
            case KILL -> process.kill();
            case START -> process.start();
            case LAUNCH -> world.launch(b % 5 != 0);
            case START_JOB -> world.startJob(b);
            case END_JOB -> world.endJob(b, move.a() % 2 == 0, move.a() % 4 < 2);
            case LOSE_NODE -> world.loseNode(b);
            case LOGIN_NODES -> world.network.setLoginNodesUp(b % 2 == 0);
            case CLOCK -> world.pass(TIMES[b % TIMES.length]);
            case DEFUSE -> world.userActs(b, workflow -> world.store.defuse(workflow.id()));
            case ARCHIVE -> world.userActs(b, workflow -> world.store.archive(workflow.id()));
            case REMOVE_WORKFLOW -> world.remove(b);
            case FOREIGN_LISTENER -> world.foreign(b, move.a());
            case SETTLE -> {
                world.settle();
                invariants.checkSettled();
            }
        }
    }

    private static World.@Nullable Fault fault(
            World world, Invariants invariants, World.Launcher process, @Nullable Spoiled spoiled) {
        if (spoiled == null) {
            return null;
        }
        return new World.Fault(spoiled.call(), spoiled.kind(), () -> {
            Move others = spoiled.others();
            boolean same = others != null
                    && world.processes.get(others.a() % world.processes.size()).equals(process);
            if (others != null && !same && others.action() != Action.SETTLE) {
                apply(world, invariants, others);
                world.buryJobs();
            }
        });
    }

    /** Leaves out what is not needed for a violation, then makes the rest plainer. */
    private static List<Move> shrink(long seed, List<Move> moves) {
        List<Move> shrunk = new ArrayList<>(moves);
        for (int size = shrunk.size() / 2; size > 0; size /= 2) {
            for (int from = 0; from + size <= shrunk.size(); ) {
                List<Move> without = new ArrayList<>(shrunk);
                without.subList(from, from + size).clear();
                if (violation(seed, without) != null) {
                    shrunk = without;
                } else {
                    from += size;
                }
            }
        }
        for (int i = 0; i < shrunk.size(); i++) {
            Move move = shrunk.get(i);
            for (Move plainer : List.of(
                    new Move(move.action()),
                    new Move(move.action(), move.a(), move.b(), null),
                    new Move(move.action(), move.a() % 3, move.b() % 30, move.spoiled()))) {
                List<Move> changed = new ArrayList<>(shrunk);
                changed.set(i, plainer);
                if (violation(seed, changed) != null) {
                    shrunk = changed;
                    break;
                }
            }
        }
        return shrunk;
    }

    @Test
    void theSameSeedGivesTheSameMoves() {
        assertThat(moves(7)).isEqualTo(moves(7)).isNotEqualTo(moves(8));
    }
}
