package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Scope;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepNumber.Correction;
import io.github.cortado.backend.StepNumber.Count;
import io.github.cortado.backend.StepNumber.Rate;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import io.github.cortado.backend.formula.Expression;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Updates;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

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
        RMS_PROP,
        EVERY_PRIMITIVE
    }

    /** w - (sum of every primitive of the parameters) g + noise. */
    private static final Formula EVERY_PRIMITIVE =
            Formula.of(
                    "everyPrimitive",
                    2,
                    2,
                    a -> {
                        Expression p = a.p(0);
                        Expression q = a.p(1);
                        Expression sum =
                                Stream.of(
                                                p.neg(),
                                                q.sub(p).abs(),
                                                p.sqrt(),
                                                q.exp(),
                                                p.expm1(),
                                                p.log(),
                                                q.log1p(),
                                                p.tanh(),
                                                q.sigmoid(),
                                                p.normalCdf(),
                                                q.normalPdf(),
                                                p.mul(q),
                                                q.div(p),
                                                p.min(q),
                                                p.max(0.05),
                                                p.greater(0.05),
                                                p.fma(q, p),
                                                Expression.where(p.sub(0.05), q, p))
                                        .reduce(Expression.constant(0), Expression::add);
                        Expression noise = Expression.uniform(0).sub(0.5);
                        return List.of(a.x(0).sub(a.x(1).mul(sum)).add(noise));
                    });

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
        StepValue none = StepValue.of(0.0);
        switch (update) {
            case ADAM ->
                    run(
                            Updates.ADAM,
                            List.of(w, g, m, v),
                            List.of(w, m, v),
                            rate.now(),
                            none,
                            StepValue.of(BETA1),
                            StepValue.of(BETA2),
                            StepValue.of(1e-8),
                            new Correction(BETA1, updates).now(),
                            new Correction(BETA2, updates).now());
            case SGD ->
                    run(
                            Updates.SGD_MOMENTUM,
                            List.of(w, g, m),
                            List.of(w, m),
                            rate.now(),
                            none,
                            StepValue.of(0.9),
                            StepValue.of(1.0));
            case RMS_PROP ->
                    run(
                            Updates.RMSPROP,
                            List.of(w, g, v),
                            List.of(w, v),
                            rate.now(),
                            none,
                            StepValue.of(0.9),
                            StepValue.of(1e-8));
            case EVERY_PRIMITIVE -> {
                List<StepValue> numbers = List.of(rate.now(), new Correction(BETA1, updates).now());
                List<RandomStream> streams = List.of(new RandomStream(98, 2, passes.now()));
                Broadcast walk = Broadcast.elementwise(2, N);
                backend.pointwise(
                        EVERY_PRIMITIVE,
                        new Operands(List.of(w, g), List.of(w), numbers, streams, walk));
            }
        }
        return w;
    }

    private void run(
            Formula formula, List<Buffer> inputs, List<Buffer> outputs, StepValue... parameters) {
        backend.pointwise(formula, Operands.of(inputs, outputs, List.of(parameters)));
    }

    private Buffer dropout(Buffer from) {
        Buffer y = backend.empty(DType.FLOAT32, N);
        Pointwise.dropout(backend, from, y, 0.3, new RandomStream(99, 1, passes.now()));
        passes.add(1);
        return y;
    }
}
