package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.Fill;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Primitive;
import io.github.cortado.backend.formula.Program;
import io.github.cortado.backend.formula.Program.Step;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Streams;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs a formula block by block: one loop over a block for each step, all that lies between them in
 * the first-level cache. This is how numexpr does it. Formulas that are used much have loops of
 * their own, see {@link Plan}. Inputs that lie as the result does are read where they are, others
 * are laid out for the block first. What is left over at the end of a range is computed in whole
 * vectors aside, so that an element's bits do not depend on where it lies.
 */
final class Interpreter {
    /** Neighbours that are copied faster by a loop than as a block. */
    private static final int FEW = 16;

    private final Program program;
    private final Stages stages;
    private final @Nullable List<@Nullable Loop> loops;
    private final float[] numbers;
    private final Floats[] inputs;
    private final Output[] outputs;
    private final PhiloxStream[] streams;
    private final Broadcast walk;
    private final boolean isElementwise;

    /** Which inputs are a single element. */
    private final boolean[] isOne;

    /** Where element 0 of a result lies, or would. */
    private static final class Output {
        final float[] array;
        final int first;

        Output(float[] array, int first) {
            this.array = array;
            this.first = first;
        }

        Output(Floats y) {
            this(y.array(), y.offset());
        }
    }

    private Interpreter(Formula formula, Operands o, int length) {
        Plan plan = Plan.of(formula);
        plan.count(length);
        program = plan.program();
        stages = plan.stages();
        loops = plan.loops();
        double[] exact = program.numbers(o.numbers());
        numbers = new float[exact.length];
        for (int i = 0; i < exact.length; i++) {
            numbers[i] = (float) exact[i];
        }
        inputs = new Floats[o.inputs().size()];
        Arrays.setAll(inputs, i -> floats(o.inputs().get(i)));
        outputs = new Output[o.outputs().size()];
        Arrays.setAll(outputs, i -> new Output(floats(o.outputs().get(i))));
        streams = new PhiloxStream[o.streams().size()];
        Arrays.setAll(streams, i -> stream(o.streams().get(i)));
        walk = o.walk();
        isElementwise = walk.isElementwise();
        isOne = new boolean[inputs.length];
        for (int k = 0; k < isOne.length && !isElementwise; k++) {
            isOne[k] = isOne(walk.strides()[k]);
        }
    }

    private static boolean isOne(int[] strides) {
        for (int stride : strides) {
            if (stride != 0) {
                return false;
            }
        }
        return true;
    }

    static PhiloxStream stream(RandomStream s) {
        return Streams.dropout(s.seed(), s.ordinal(), s.forward().asLong());
    }

    /** Outputs = formula of the inputs. */
    static Parallel.Range over(Formula formula, Operands o) {
        return of(formula, o, o.length())::range;
    }

    /** What computes a formula, or all of its results but the last {@linkplain #into aside}. */
    static Interpreter of(Formula formula, Operands o, int length) {
        return new Interpreter(formula, o, length);
    }

    /** A range of the result, on one thread. */
    private void range(int from, int length) {
        range(outputs, from, length);
    }

    /** A range of the result, of which the last one's elements go to {@code memory}. */
    void into(float[] memory, int from, int length) {
        Output[] all = Arrays.copyOf(outputs, outputs.length + 1);
        all[outputs.length] = new Output(memory, -from);
        range(all, from, length);
    }

    private void range(Output[] to, int from, int length) {
        int places = program.places();
        Block block = new Block(places);
        int done = loops == null ? 0 : atOnce(block, loops, to, from, length / VL * VL);
        int rest = length - done;
        if (rest == 0) {
            return;
        }
        float[] memory = Scratch.FORMULA.floats(places * Block.SIZE);
        for (int i = 0; i < numbers.length; i++) {
            int at = (inputs.length + i) * Block.SIZE;
            Fill.run(memory, at, Math.min(Block.SIZE, rest + VL), numbers[i]);
        }
        for (int k = 0; k < inputs.length; k++) {
            if (isOne[k]) {
                float one = inputs[k].array()[inputs[k].offset()];
                Fill.run(memory, k * Block.SIZE, Math.min(Block.SIZE, rest + VL), one);
            }
        }
        for (int at = from + done; at < from + length; at += Block.SIZE) {
            int n = Math.min(Block.SIZE, from + length - at);
            block(block, memory, to, at, n);
        }
    }

    /**
     * Computes whole vectors at once, where one loop does it all on the operands themselves.
     *
     * @return how many elements
     */
    private int atOnce(Block block, List<@Nullable Loop> made, Output[] to, int from, int n) {
        Loop loop = made.isEmpty() ? null : made.get(0);
        if (loop == null || !isElementwise || !stages.isOneLoop()) {
            return 0;
        }
        for (int k = 0; k < inputs.length; k++) {
            block.set(k, inputs[k].array(), inputs[k].offset() + from);
        }
        for (int k = 0; k < to.length; k++) {
            block.set(program.outputs()[k], to[k].array, to[k].first + from);
        }
        loop.run(block, numbers, n);
        return n;
    }

    private void block(Block block, float[] memory, Output[] to, int at, int n) {
        boolean isWhole = n % VL == 0;
        for (int place = 0; place < program.places(); place++) {
            block.set(place, memory, place * Block.SIZE);
        }
        for (int k = 0; k < inputs.length; k++) {
            input(k, block, memory, at, n);
        }
        for (int k = 0; k < to.length && isWhole; k++) {
            if (isDirect(k)) {
                block.set(program.firstOutput() + k, to[k].array, to[k].first + at);
            }
        }
        int whole = IntMath.roundUp(n, VL);
        for (int i = 0; i < stages.list().size(); i++) {
            Loop loop = loops == null ? null : loops.get(i);
            if (loop != null) {
                loop.run(block, numbers, whole);
                continue;
            }
            for (Step s : stages.list().get(i).steps()) {
                step(s, block, at, whole);
            }
        }
        for (int k = 0; k < to.length; k++) {
            if (!isWhole || !isDirect(k)) {
                int place = program.outputs()[k];
                System.arraycopy(
                        block.array(place), block.offset(place), to[k].array, to[k].first + at, n);
            }
        }
    }

    /** Whether the last step computes this output. */
    private boolean isDirect(int output) {
        return program.outputs()[output] == program.firstOutput() + output;
    }

    private void input(int k, Block block, float[] memory, int at, int n) {
        if (isOne[k]) {
            return;
        }
        Floats x = inputs[k];
        boolean isWhole = n % VL == 0;
        if (isElementwise) {
            if (isWhole) {
                block.set(k, x.array(), x.offset() + at);
            } else {
                System.arraycopy(x.array(), x.offset() + at, memory, k * Block.SIZE, n);
            }
            return;
        }
        int last = walk.shape().length - 1;
        int inner = walk.shape()[last];
        int row = at / inner;
        int column = at % inner;
        if (isWhole && walk.strides()[k][last] == 1 && column + n <= inner) {
            block.set(k, x.array(), x.offset() + start(k, row) + column);
        } else {
            layOut(k, memory, row, column, n);
        }
    }

    /** Where the given row of the result begins in input k. */
    private int start(int k, int row) {
        int at = 0;
        int rest = row;
        for (int d = walk.shape().length - 2; d >= 0; d--) {
            at += rest % walk.shape()[d] * walk.strides()[k][d];
            rest /= walk.shape()[d];
        }
        return at;
    }

    /** n elements of input k in the result's order, run by run of the innermost dimension. */
    private void layOut(int k, float[] memory, int row, int column, int n) {
        float[] x = inputs[k].array();
        int offset = inputs[k].offset();
        int last = walk.shape().length - 1;
        int inner = walk.shape()[last];
        int stride = walk.strides()[k][last];
        int to = k * Block.SIZE;
        int end = to + n;
        int from = column;
        for (int r = row; to < end; r++) {
            int run = Math.min(inner - from, end - to);
            int p = offset + start(k, r) + from * stride;
            if (stride == 0) {
                Fill.run(memory, to, run, x[p]);
            } else if (stride == 1 && run >= FEW) {
                System.arraycopy(x, p, memory, to, run);
            } else {
                for (int i = 0; i < run; i++) {
                    memory[to + i] = x[p + i * stride];
                }
            }
            to += run;
            from = 0;
        }
    }

    private void step(Step s, Block k, int at, int n) {
        if (s.primitive() == Primitive.UNIFORM) {
            streams[s.a()].uniforms(at, 0f, 1f, k.array(s.to()), k.offset(s.to()), n);
        } else {
            Loops.run(s, k, n);
        }
    }
}
