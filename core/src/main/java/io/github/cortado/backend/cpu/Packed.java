package io.github.cortado.backend.cpu;

import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Derived;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Weights in the order in which a kernel reads them, kept where nobody trains them. */
public final class Packed {
    private Packed() {}

    /**
     * An array that {@code pack} has filled from w and b: one that is kept with w where that keeps
     * such things, else the calling thread's scratch array WEIGHTS.
     *
     * @param layout the same for what is packed the same way
     */
    public static float[] weights(
            Buffer w, @Nullable Buffer b, Object layout, int length, Consumer<float[]> pack) {
        float[] kept = kept(w, b, layout, length, pack);
        if (kept != null) {
            return kept;
        }
        float[] packed = Scratch.WEIGHTS.floats(length);
        pack.accept(packed);
        return packed;
    }

    /** The same where w keeps such things, else null. */
    public static float @Nullable [] kept(
            Buffer w, @Nullable Buffer b, Object layout, int length, Consumer<float[]> pack) {
        Derived derived = w.derived();
        return derived == null
                ? null
                : derived.get(
                        float[].class,
                        layout,
                        () -> {
                            float[] packed = new float[length];
                            pack.accept(packed);
                            return packed;
                        },
                        w,
                        b);
    }
}
