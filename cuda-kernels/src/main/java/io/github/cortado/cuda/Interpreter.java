package io.github.cortado.cuda;

import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Primitive;
import io.github.cortado.backend.formula.Term;
import io.github.cortado.random.Streams;
import java.nio.ByteBuffer;
import java.util.List;

/** Runs any formula by the kernel that interprets it: see {@code formula.cu}. */
final class Interpreter {
    /** Threads of a block, and elements of each. */
    private static final int BLOCK = 64;

    private static final int ELEMENTS = 8;

    /** Blocks of a multiprocessor that have room in it, where a formula is short. */
    private static final int BLOCKS = 32;

    /** Formulas that are kept compiled; programs may make new ones without end. */
    private static final int KEPT = 1_000;

    private static final int ALIGNED = 16;

    // Where the struct Formula has its fields.
    private static final int SHAPE = 36;
    private static final int INPUT = SHAPE + 12 * CudaMemory.MAX_RANK + 4;
    private static final int OUTPUT = INPUT + 8 * FormulaCode.MAX_INPUTS;
    private static final int STREAM = OUTPUT + 8 * FormulaCode.MAX_OUTPUTS;
    private static final int STREAM_BYTES = 32;
    private static final int LEAF = STREAM + STREAM_BYTES * FormulaCode.MAX_STREAMS;
    private static final int LEAF_BYTES = 16;
    private static final int STEP = LEAF + LEAF_BYTES * FormulaCode.MAX_LEAVES;
    private static final int NUMBER = STEP + 16 * FormulaCode.MAX_STEPS;
    private static final int TERM = NUMBER + 4 * FormulaCode.MAX_NUMBERS;
    private static final int NUMBER_TERM = TERM + 4 * FormulaCode.MAX_TERMS;
    private static final int STRIDE = NUMBER_TERM + FormulaCode.MAX_NUMBERS;
    private static final int STRIDES = 4 * CudaMemory.MAX_RANK;
    private static final int BYTES = STRIDE + STRIDES * FormulaCode.MAX_INPUTS;

    private final Gpu gpu;
    private final Recent<Formula, FormulaCode> codes = new Recent<>(KEPT, code -> {});

    Interpreter(Gpu gpu) {
        this.gpu = gpu;
    }

    /** Outputs = formula of the inputs, of up to {@link CudaMemory#MAX_RANK} dimensions. */
    void run(Formula formula, Operands o) {
        FormulaCode code = code(formula);
        long tiles = (o.length() + BLOCK * ELEMENTS - 1L) / (BLOCK * ELEMENTS);
        long most = (long) BLOCKS * gpu.properties().multiprocessors();
        Launch launch =
                gpu.launch(Kernel.FORMULA)
                        .grid((int) Math.min(tiles, most))
                        .block(BLOCK, 1)
                        .shared(code.sharedBytes());
        put(launch.struct(BYTES), formula, code, o);
        launch.run();
    }

    private FormulaCode code(Formula formula) {
        try (Gpu.Turn t = gpu.turn()) {
            FormulaCode code = codes.get(formula);
            if (code == null) {
                code = FormulaCode.of(formula);
                codes.put(formula, code);
            }
            return code;
        }
    }

    private void put(ByteBuffer struct, Formula formula, FormulaCode code, Operands o) {
        // Within a recording the kernel computes numbers anew each time it runs.
        boolean changes = o.parameters().stream().anyMatch(p -> gpu.slot(p) != 0);
        int[] shape = o.walk().shape();
        int flat = flat(o.walk());
        struct.putInt(o.length())
                .putInt(formula.inputs())
                .putInt(code.steps().length / FormulaCode.STEP)
                .putInt(code.numbers().length)
                .putInt(changes ? code.leaves().size() : 0)
                .putInt(changes ? code.terms().length : 0)
                .putInt(flat)
                .putInt(isWide(o, flat) ? 1 : 0)
                .putInt(shape.length);
        for (int size : shape) {
            CudaConvolution.putDivisor(struct, size);
        }
        for (int k = 0; k < formula.inputs(); k++) {
            struct.putLong(INPUT + 8 * k, Gpu.address(o.inputs().get(k)));
            for (int d = 0; d < shape.length; d++) {
                struct.putInt(STRIDE + STRIDES * k + 4 * d, o.walk().strides()[k][d]);
            }
        }
        for (int k = 0; k < o.outputs().size(); k++) {
            struct.putLong(OUTPUT + 8 * k, Gpu.address(o.outputs().get(k)));
        }
        putStreams(struct, o.streams());
        putInts(struct, STEP, code.steps());
        if (changes) {
            putTerms(struct, code, o.parameters());
        } else {
            double[] numbers = formula.program().numbers(o.numbers());
            for (int k = 0; k < numbers.length; k++) {
                struct.putFloat(NUMBER + 4 * k, (float) numbers[k]);
            }
        }
    }

    /** A bit for each input that lies as the result does. */
    private static int flat(Broadcast walk) {
        int flat = 0;
        for (int k = 0; k < walk.strides().length; k++) {
            int stride = 1;
            boolean isFlat = true;
            for (int d = walk.shape().length - 1; d >= 0; d--) {
                isFlat &= walk.strides()[k][d] == stride;
                stride *= walk.shape()[d];
            }
            flat |= isFlat ? 1 << k : 0;
        }
        return flat;
    }

    /** Whether what lies as the result does can be read and written by 16 bytes at a time. */
    private static boolean isWide(Operands o, int flat) {
        long all = 0;
        for (int k = 0; k < o.inputs().size(); k++) {
            all |= (flat >> k & 1) == 0 ? 0 : Gpu.address(o.inputs().get(k));
        }
        for (Buffer y : o.outputs()) {
            all |= Gpu.address(y);
        }
        return all % ALIGNED == 0;
    }

    private void putStreams(ByteBuffer struct, List<RandomStream> streams) {
        for (int k = 0; k < streams.size(); k++) {
            RandomStream s = streams.get(k);
            long forward = s.forward().asLong();
            int at = STREAM + STREAM_BYTES * k;
            struct.putLong(at, s.seed())
                    .putLong(at + 8, gpu.slot(s.forward()))
                    .putLong(at + 16, forward)
                    .putInt(at + 24, Streams.dropout(s.seed(), s.ordinal(), forward).c3());
        }
    }

    private void putTerms(ByteBuffer struct, FormulaCode code, List<StepValue> parameters) {
        for (int k = 0; k < code.leaves().size(); k++) {
            Term leaf = code.leaves().get(k);
            StepValue value =
                    leaf.primitive() == Primitive.PARAMETER
                            ? parameters.get(leaf.a())
                            : StepValue.of(leaf.number());
            struct.putLong(LEAF + LEAF_BYTES * k, gpu.slot(value))
                    .putLong(LEAF + LEAF_BYTES * k + 8, value.bits());
        }
        putInts(struct, TERM, code.terms());
        for (int k = 0; k < code.numbers().length; k++) {
            struct.put(NUMBER_TERM + k, code.numbers()[k]);
        }
    }

    private static void putInts(ByteBuffer struct, int at, int[] ints) {
        for (int i = 0; i < ints.length; i++) {
            struct.putInt(at + 4 * i, ints[i]);
        }
    }
}
