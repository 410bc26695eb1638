package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Scope;
import io.github.cortado.backend.AdamSpec;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.DropoutSpec;
import io.github.cortado.backend.RmsPropSpec;
import io.github.cortado.backend.SgdSpec;
import io.github.cortado.backend.StepNumber.Correction;
import io.github.cortado.backend.StepNumber.Count;
import io.github.cortado.backend.StepNumber.Rate;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import java.util.function.Supplier;

/**
 * Training steps in small whose numbers change from one to the next: learning rate, Adam's
 * corrections, the passes of dropout. A recorded step finds them on the device.
 */
final class RecordedNumbers {
    private static final int N = 37;
    private static final int RUNS = 8;
    private static final int OTHER_RATE = 5;
    private static final double TOLERANCE = 2e-6;

    /** So near to 1 that a correction in float would show. */
    private static final double BETA1 = 0.999;

    private static final double BETA2 = 0.9999;

    /** Which update of the parameters the step ends with. */
    enum Update {
        ADAM,
        SGD,
        RMS_PROP
    }

    private final Backend backend;
    private final Update update;
    private final Rate rate = new Rate(0.1);
    private final Count passes = new Count();
    private final Count updates = new Count();
    private final Buffer x;
    private final Buffer w;
    private final Buffer m;
    private final Buffer v;

    private RecordedNumbers(Backend backend, Update update) {
        this.backend = backend;
        this.update = update;
        x = filled(0.5f);
        w = filled(1);
        m = filled(0);
        v = filled(0);
    }

    private Buffer filled(float value) {
        Buffer buffer = backend.allocate(DType.FLOAT32, N);
        backend.fill(buffer, value);
        return buffer;
    }

    /**
     * Passes if recorded steps do what the scalar backend does as written.
     *
     * @throws AssertionError saying after which run they differ
     */
    static void check(Backend backend, Update update) {
        RecordedNumbers written = new RecordedNumbers(new ScalarBackend(), update);
        try (Scope scope = Scope.open()) {
            RecordedNumbers recorded = new RecordedNumbers(backend, update);
            try (CompiledStep<Buffer> step = backend.compile(recorded::step)) {
                for (int run = 0; run < RUNS; run++) {
                    if (run == OTHER_RATE) {
                        written.rate.set(0.01);
                        recorded.rate.set(0.01);
                    }
                    float[] expected = written.values(written::step);
                    float[] found = recorded.values(step::run);
                    assertArrayEquals(expected, found, (float) TOLERANCE, "run " + run);
                }
            }
        } catch (RuntimeException e) {
            throw new AssertionError(e);
        }
    }

    private float[] values(Supplier<Buffer> step) {
        float[] values = new float[N];
        backend.download(step.get(), values);
        return values;
    }

    /** Draws two masks, so that one count moves on by two. */
    private Buffer step() {
        Buffer once = dropout(x);
        Buffer g = dropout(once);
        once.release("it was in between");
        updates.add(1);
        switch (update) {
            case ADAM ->
                    backend.adam(
                            w,
                            g,
                            m,
                            v,
                            new AdamSpec(
                                    rate.now(),
                                    BETA1,
                                    BETA2,
                                    1e-8,
                                    0,
                                    false,
                                    new Correction(BETA1, updates).now(),
                                    new Correction(BETA2, updates).now()));
            case SGD -> backend.sgd(w, g, m, new SgdSpec(rate.now(), 0.9, 0, 0, false, false));
            case RMS_PROP ->
                    backend.rmsProp(w, g, v, null, new RmsPropSpec(rate.now(), 0.9, 1e-8, 0, 0));
        }
        return w;
    }

    private Buffer dropout(Buffer from) {
        Buffer y = backend.empty(DType.FLOAT32, N);
        backend.dropout(from, y, new DropoutSpec(0.3, 99, 1, passes.now()));
        passes.add(1);
        return y;
    }
}
