package io.github.cortado.backend.cpu.vector.softmax;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.Ways;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Softmax, its logarithm, and the loss that is made of it. */
public final class Softmax {
    /** y = what is asked for of x. */
    @FunctionalInterface
    interface Forward {
        void run(Floats x, Floats y);
    }

    /** {@link Backend#crossEntropy} along one axis, that of the classes. */
    @FunctionalInterface
    interface Loss {
        void run(
                Floats logits,
                HostBuffer target,
                Floats probabilities,
                Floats y,
                CrossEntropySpec spec);
    }

    final Ways<Axis, Forward> softmax;
    final Ways<Axis, Forward> logSoftmax;
    final Ways<Axis, Loss> crossEntropy;

    /** The room, with whoever computes what it has no loops for. */
    public Softmax(Backend reference) {
        softmax =
                new Ways<>(
                        "softmax",
                        () ->
                                List.of(
                                        Way.of(
                                                "rows that lie together",
                                                a -> apart(a.inner()),
                                                a -> rows(a)::softmax),
                                        Way.reference(a -> (x, y) -> reference.softmax(x, y, a))));
        logSoftmax =
                new Ways<>(
                        "logSoftmax",
                        () ->
                                List.of(
                                        Way.of(
                                                "rows that lie together",
                                                a -> apart(a.inner()),
                                                a -> rows(a)::logSoftmax),
                                        Way.reference(
                                                a -> (x, y) -> reference.logSoftmax(x, y, a))));
        crossEntropy =
                new Ways<>(
                        "crossEntropy",
                        () ->
                                List.of(
                                        Way.of(
                                                "rows that lie together",
                                                a -> apart(a.inner()),
                                                RowLosses::new),
                                        Way.reference(a -> reference::crossEntropy)));
    }

    private static @Nullable String apart(int inner) {
        return inner == 1 ? null : "what is added up lies " + inner + " elements apart";
    }

    private static Rows rows(Axis axis) {
        return new Rows(axis.outer(), axis.n());
    }

    /** {@link Backend#softmax}. */
    public void softmax(Buffer x, Buffer y, Axis axis) {
        softmax.plan(axis).run(floats(x), floats(y));
    }

    /** {@link Backend#logSoftmax}. */
    public void logSoftmax(Buffer x, Buffer y, Axis axis) {
        logSoftmax.plan(axis).run(floats(x), floats(y));
    }

    /** {@link Backend#crossEntropy}. */
    public void crossEntropy(
            Buffer logits, Buffer target, Buffer probabilities, Buffer y, CrossEntropySpec s) {
        crossEntropy
                .plan(new Axis(s.n(), s.classes(), s.inner()))
                .run(floats(logits), host(target), floats(probabilities), floats(y), s);
    }

    /** {@link Backend#softmaxGrad}. */
    public void softmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis) {
        Gradients.softmax(floats(y), floats(dy), floats(dx), axis);
    }

    /** {@link Backend#logSoftmaxGrad}. */
    public void logSoftmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis) {
        Gradients.logSoftmax(floats(y), floats(dy), floats(dx), axis);
    }

    /** {@link Backend#crossEntropyGrad}. */
    public void crossEntropyGrad(
            Buffer probabilities, Buffer target, Buffer dy, Buffer dx, CrossEntropySpec s) {
        RowLosses.gradient(floats(probabilities), host(target), floats(dy), floats(dx), s);
    }

    /** The ways of this room. */
    public List<Ways<?, ?>> ways() {
        return List.of(softmax, logSoftmax, crossEntropy);
    }
}
