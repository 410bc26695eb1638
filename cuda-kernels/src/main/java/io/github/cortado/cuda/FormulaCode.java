package io.github.cortado.cuda;

import static io.github.cortado.backend.formula.Primitive.ABS;
import static io.github.cortado.backend.formula.Primitive.ADD;
import static io.github.cortado.backend.formula.Primitive.COS;
import static io.github.cortado.backend.formula.Primitive.DIV;
import static io.github.cortado.backend.formula.Primitive.EXP;
import static io.github.cortado.backend.formula.Primitive.EXPM1;
import static io.github.cortado.backend.formula.Primitive.FMA;
import static io.github.cortado.backend.formula.Primitive.GREATER;
import static io.github.cortado.backend.formula.Primitive.LOG;
import static io.github.cortado.backend.formula.Primitive.LOG1P;
import static io.github.cortado.backend.formula.Primitive.MAX;
import static io.github.cortado.backend.formula.Primitive.MIN;
import static io.github.cortado.backend.formula.Primitive.MUL;
import static io.github.cortado.backend.formula.Primitive.NEG;
import static io.github.cortado.backend.formula.Primitive.NORMAL_CDF;
import static io.github.cortado.backend.formula.Primitive.NORMAL_PDF;
import static io.github.cortado.backend.formula.Primitive.POW;
import static io.github.cortado.backend.formula.Primitive.ROUND;
import static io.github.cortado.backend.formula.Primitive.SELECT;
import static io.github.cortado.backend.formula.Primitive.SIGMOID;
import static io.github.cortado.backend.formula.Primitive.SIN;
import static io.github.cortado.backend.formula.Primitive.SQRT;
import static io.github.cortado.backend.formula.Primitive.SUB;
import static io.github.cortado.backend.formula.Primitive.TANH;
import static io.github.cortado.backend.formula.Primitive.UNIFORM;

import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Primitive;
import io.github.cortado.backend.formula.Term;
import java.util.List;

/**
 * A formula as {@code formula.cu} interprets it. A step computes a primitive of values that are in
 * places: those of the inputs, and registers for what is needed later. The last step's result is at
 * hand without a place, as the first operand only. What is one number for all elements is no step:
 * it is computed once, in double.
 *
 * @param steps the kernel's struct {@code Step}, {@link #STEP} ints each
 * @param leaves parameters and constants that the formula's numbers are made of
 * @param terms what is made of them, the kernel's struct {@code Term}, an int each
 * @param numbers which of the leaves, or of the terms behind them, each number is
 * @param places how many there are, the numbers' own among them
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention, never compared
record FormulaCode(int[] steps, List<Term> leaves, int[] terms, byte[] numbers, int places) {
    // Limits of the kernel.
    static final int MAX_INPUTS = 16;
    static final int MAX_OUTPUTS = 8;
    static final int MAX_STREAMS = 4;
    static final int MAX_STEPS = 96;
    static final int MAX_NUMBERS = 64;
    static final int MAX_LEAVES = 32;
    static final int MAX_TERMS = 64;

    /** In the 48 KiB of shared memory that every GPU gives, less 1 KiB. */
    static final int MAX_PLACES = 23;

    /** Bytes of a place: eight floats for each of a block's 64 threads. */
    static final int PLACE = 4 * 8 * 64;

    /** Ints of a step. */
    static final int STEP = 4;

    /** The code of a step that only copies. */
    static final int COPY = 0;

    /** Primitives by the kernel's codes, which begin with 1. */
    private static final List<Primitive> CODES =
            List.of(
                    UNIFORM,
                    NEG,
                    ABS,
                    SQRT,
                    EXP,
                    EXPM1,
                    LOG,
                    LOG1P,
                    ROUND,
                    SIN,
                    COS,
                    TANH,
                    SIGMOID,
                    NORMAL_CDF,
                    NORMAL_PDF,
                    ADD,
                    SUB,
                    MUL,
                    DIV,
                    POW,
                    MIN,
                    MAX,
                    GREATER,
                    FMA,
                    SELECT);

    /**
     * Compiles the formula.
     *
     * @throws IllegalArgumentException if it is too long for the kernel
     */
    static FormulaCode of(Formula formula) {
        return new FormulaCompiler(formula).code();
    }

    /** The kernel's code of a primitive. */
    static int code(Primitive p) {
        int code = 1 + CODES.indexOf(p);
        if (code == COPY) {
            throw new IllegalArgumentException("the CUDA backend has no primitive " + p);
        }
        return code;
    }

    /** Bytes of shared memory that a block needs. */
    int sharedBytes() {
        return places * PLACE;
    }
}
