package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Truths;
import io.github.cortado.backend.formula.Formula;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether formulas are not 0: their numbers stay in the cache, and only bools are stored. */
final class Masks {
    /** Numbers of a piece. */
    private static final int PIECE = 1 << 13;

    private final Formula formula;
    private final List<Buffer> inputs;
    private final Broadcast walk;
    private final byte[] mask;
    private final int offset;

    private Masks(Formula formula, List<Buffer> inputs, Broadcast walk, Buffer mask) {
        this.formula = formula;
        this.inputs = inputs;
        this.walk = walk;
        this.mask = (byte[]) host(mask).array();
        offset = host(mask).offset();
    }

    /** Computes them, where each input is one number or lies as the mask does. */
    static boolean run(Formula formula, List<Buffer> inputs, Broadcast walk, Buffer mask) {
        if (walk.shape().length != 1) {
            return false;
        }
        for (int[] strides : walk.strides()) {
            if (strides[0] > 1) {
                return false;
            }
        }
        Masks masks = new Masks(formula, inputs, walk, mask);
        Parallel.forRanges(mask.length(), masks::range);
        return true;
    }

    private void range(int from, int length) {
        Floats numbers = new Floats(Scratch.RESULTS.floats(PIECE));
        Floats[] ones = new Floats[inputs.size()];
        Arrays.setAll(ones, k -> walk.strides()[k][0] == 0 ? stretched(k, length) : null);
        for (int at = from; at < from + length; at += PIECE) {
            int n = Math.min(PIECE, from + length - at);
            Pointwise.over(formula, piece(at, n, ones, numbers)).run(0, n);
            Truths.floats(numbers.array(), 0, mask, offset + at, n);
        }
    }

    private Operands piece(int at, int n, @Nullable Floats[] ones, Floats numbers) {
        Buffer[] parts = new Buffer[inputs.size()];
        for (int k = 0; k < parts.length; k++) {
            Floats one = ones[k];
            parts[k] = one == null ? inputs.get(k).slice(at, n) : one.slice(0, n);
        }
        return new Operands(
                List.of(parts),
                List.of(numbers.slice(0, n)),
                List.of(),
                List.of(),
                Broadcast.elementwise(parts.length, n));
    }

    /** One number, as many times as a piece may have elements, so that one loop does it all. */
    private Floats stretched(int k, int length) {
        Floats x = floats(inputs.get(k));
        float[] all = new float[Math.min(PIECE, length)];
        Arrays.fill(all, x.array()[x.offset()]);
        return new Floats(all);
    }
}
