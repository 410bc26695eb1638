package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Program;
import io.github.cortado.backend.formula.Program.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How a formula is run: step by step at first, by loops that all formulas share; once it has seen
 * many elements, a loop of its own is generated for each group of arithmetic steps, which has the
 * same bits. A thread beside gives it to the compiler and takes it into use when it has become
 * faster than its steps, for until then it is far slower.
 */
final class Plan {
    /** {@code interpreted} keeps formulas from getting loops of their own. */
    static final String PROPERTY = "cortado.formulas";

    /** Elements after which a loop of its own is worth its compilation. */
    private static final int MANY = 1 << 18;

    /** How long a loop may take to become fast, in nanoseconds. */
    private static final long PATIENCE = 5_000_000_000L;

    /** Formulas whose plans are kept. */
    private static final int MOST_PLANS = 1024;

    private static final Map<Formula, Plan> PLANS = new ConcurrentHashMap<>();

    private final Program program;
    private final Stages stages;
    private volatile @Nullable List<@Nullable Loop> loops;
    private volatile boolean isAskedFor = "interpreted".equals(System.getProperty(PROPERTY));
    private int elements;

    private Plan(Program program) {
        this.program = program;
        this.stages = Stages.of(program);
    }

    /** One thread, which ends when there is nothing to do. */
    private static final class Compilation {
        static final ThreadPoolExecutor THREAD =
                new ThreadPoolExecutor(
                        1,
                        1,
                        1,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        work -> {
                            Thread thread = new Thread(work, "cortado-formulas");
                            thread.setDaemon(true);
                            return thread;
                        });

        static {
            THREAD.allowCoreThreadTimeOut(true);
        }
    }

    static Plan of(Formula formula) {
        Plan plan = PLANS.get(formula);
        if (plan == null) {
            if (PLANS.size() >= MOST_PLANS) {
                PLANS.clear();
            }
            plan = PLANS.computeIfAbsent(formula, f -> new Plan(f.program()));
        }
        return plan;
    }

    Program program() {
        return program;
    }

    Stages stages() {
        return stages;
    }

    /** For each stage its loop, null for a function; null before they are fast. */
    @Nullable List<@Nullable Loop> loops() {
        return loops;
    }

    /** Counts elements that are to be computed. Threads that count at a time may lose some. */
    void count(int n) {
        if (isAskedFor) {
            return;
        }
        elements = Math.min(MANY, elements + Math.min(MANY, n));
        if (elements >= MANY) {
            isAskedFor = true;
            Compilation.THREAD.execute(this::generate);
        }
    }

    private void generate() {
        try {
            List<@Nullable Loop> made = generated();
            if (warm(made)) {
                loops = made;
            }
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            // Steps one by one are as right.
            System.getLogger(Plan.class.getName())
                    .log(System.Logger.Level.DEBUG, program.formula() + " stays interpreted", e);
        }
    }

    /** Loops for all arithmetic, whether or not they are fast yet. */
    List<@Nullable Loop> generated() throws ReflectiveOperationException {
        List<@Nullable Loop> made = new ArrayList<>();
        for (Stages.Stage stage : stages.list()) {
            made.add(
                    stage.isArithmetic()
                            ? LoopWriter.loop(program, stage.steps(), stage.kept())
                            : null);
        }
        return made;
    }

    /** Takes loops into use at once, for tests. */
    void use(@Nullable List<@Nullable Loop> some) {
        isAskedFor = true;
        loops = some;
    }

    /** Runs loops over numbers of its own until each is faster than its steps; false if none is. */
    private boolean warm(List<@Nullable Loop> made) {
        Block block = new Block(program.places());
        for (int place = 0; place < program.places(); place++) {
            float[] ones = new float[Block.SIZE];
            Arrays.fill(ones, 1f);
            block.set(place, ones, 0);
        }
        float[] numbers = new float[program.numbers().size()];
        Arrays.fill(numbers, 1f);
        for (int i = 0; i < made.size(); i++) {
            Loop loop = made.get(i);
            if (loop != null && !warm(loop, stages.list().get(i).steps(), block, numbers)) {
                return false;
            }
        }
        return true;
    }

    private static boolean warm(Loop loop, List<Step> steps, Block block, float[] numbers) {
        int runs = 100;
        long end = System.nanoTime() + PATIENCE;
        while (System.nanoTime() < end) {
            long start = System.nanoTime();
            for (int i = 0; i < runs; i++) {
                loop.run(block, numbers, Block.SIZE);
            }
            long middle = System.nanoTime();
            for (int i = 0; i < runs; i++) {
                for (Step s : steps) {
                    Loops.run(s, block, Block.SIZE);
                }
            }
            if (middle - start < System.nanoTime() - middle) {
                return true;
            }
        }
        return false;
    }
}
