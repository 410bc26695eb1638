package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.AdamSpec;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import io.github.cortado.backend.DropoutSpec;
import io.github.cortado.backend.RmsPropSpec;
import io.github.cortado.backend.SgdSpec;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Streams;
import org.jspecify.annotations.Nullable;

/** Losses, dropout and updates: see {@code loss.cu}, {@code dropout.cu}, {@code optimizer.cu}. */
interface CudaTraining extends CudaMemory {
    /** Blocks that may meet over one loss; as in {@code loss.cu}. */
    int MAX_MEETING = 1024;

    /** Targets up to which every block of the fused kernel counts them for itself. */
    int MAX_COUNTED = 8192;

    /** Memory that the blocks of a loss meet in, beginning with a zero. */
    CudaBuffer meeting();

    @Override
    default void crossEntropy(
            Buffer logits, Buffer target, Buffer probabilities, Buffer y, CrossEntropySpec s) {
        Launch launch =
                lines(Kernel.CROSS_ENTROPY, s)
                        .pointer(logits)
                        .pointer(target)
                        .pointer(probabilities)
                        .pointer(y);
        put(launch, s);
        launch.pointer(meeting()).pointer(gpu().errors().onDevice()).run();
    }

    private Launch lines(Kernel kernel, CrossEntropySpec s) {
        long lines = (long) s.n() * s.inner();
        long blocks = (CudaReductions.threads(lines, s.inner()) + Launch.BLOCK - 1) / Launch.BLOCK;
        return gpu().launch(kernel).grid((int) Math.max(1, Math.min(blocks, MAX_MEETING)));
    }

    private static void put(Launch launch, CrossEntropySpec s) {
        launch.struct()
                .putInt(s.n())
                .putInt(s.classes())
                .putInt(s.inner())
                .putInt(
                        switch (s.reduction()) {
                            case NONE -> 0;
                            case MEAN -> 1;
                            case SUM -> 2;
                        })
                .putLong(s.ignoreIndex())
                .putFloat((float) s.labelSmoothing())
                .putInt(0);
    }

    @Override
    default void crossEntropyGrad(
            Buffer probabilities, Buffer target, Buffer dy, Buffer dx, CrossEntropySpec s) {
        if (dx.length() == 0) {
            return;
        }
        Buffer counted = empty(DType.FLOAT32, 1);
        if (s.reduction() == Reduction.MEAN) {
            Launch count = gpu().launch(Kernel.COUNT_TARGETS).pointer(target).pointer(counted);
            put(count, s);
            count.run();
        }
        Launch launch =
                gpu().launch(Kernel.CROSS_ENTROPY_GRAD, dx.length())
                        .pointer(probabilities)
                        .pointer(target)
                        .pointer(dy)
                        .pointer(dx)
                        .pointer(counted);
        put(launch, s);
        launch.run();
        counted.release("it held the number of targets");
    }

    @Override
    default void crossEntropyWithGrad(
            Buffer logits,
            Buffer target,
            Buffer y,
            Buffer dx,
            @Nullable Buffer totals,
            CrossEntropySpec s) {
        if ((long) s.n() * s.inner() > MAX_COUNTED) {
            Buffer one = empty(DType.FLOAT32, 1);
            fill(one, 1);
            crossEntropy(logits, target, dx, y, s);
            crossEntropyGrad(dx, target, one, dx, s);
            one.release("it held a one");
            if (totals != null) {
                tally(y, logits, target, totals, s);
            }
            return;
        }
        Launch launch =
                lines(Kernel.CROSS_ENTROPY_WITH_GRAD, s)
                        .pointer(logits)
                        .pointer(target)
                        .pointer(y)
                        .pointer(dx)
                        .pointer(totals);
        put(launch, s);
        launch.pointer(meeting()).pointer(gpu().errors().onDevice()).run();
    }

    @Override
    default void tally(Buffer y, Buffer logits, Buffer target, Buffer totals, CrossEntropySpec s) {
        Launch launch =
                lines(Kernel.TALLY, s)
                        .pointer(y)
                        .int32(y.length())
                        .pointer(logits)
                        .pointer(target)
                        .pointer(totals);
        put(launch, s);
        launch.pointer(meeting()).pointer(gpu().errors().onDevice()).run();
    }

    @Override
    default void dropout(Buffer x, Buffer y, DropoutSpec s) {
        if (y.length() == 0) {
            return;
        }
        Task task = Task.of(Op.DROPOUT, new Task.Elements(y.length()));
        choices()
                .run(
                        task,
                        () -> ownDropout(x, y, s),
                        way -> choices().cudnn().dropout(x, y, s, task),
                        x,
                        y);
    }

    private void ownDropout(Buffer x, Buffer y, DropoutSpec s) {
        int n = y.length();
        gpu().launch(Kernel.DROPOUT, (n + 3L) / 4)
                .pointer(x)
                .pointer(y)
                .int32(n)
                .int64(s.seed())
                .int32(Streams.dropout(s.seed(), s.module(), s.forward().asLong()).c3())
                .int32(PhiloxStream.dropoutThreshold((float) s.p()))
                .float32(1 / (1 - s.p()))
                .step(s.forward())
                .run();
    }

    @Override
    default void adam(Buffer w, Buffer g, Buffer m, Buffer v, AdamSpec s) {
        if (w.length() == 0) {
            return;
        }
        Launch launch =
                gpu().launch(Kernel.ADAM, w.length())
                        .pointer(w)
                        .pointer(g)
                        .pointer(m)
                        .pointer(v)
                        .int32(w.length());
        launch.struct()
                .putDouble(s.beta1())
                .putDouble(s.beta2())
                .putDouble(s.eps())
                .putDouble(s.weightDecay())
                .putInt(s.decoupled() ? 1 : 0)
                .putInt(0);
        launch.step(s.lr()).step(s.correction1()).step(s.correction2()).run();
    }

    @Override
    default void sgd(Buffer w, Buffer g, @Nullable Buffer velocity, SgdSpec s) {
        if (w.length() == 0) {
            return;
        }
        Launch launch =
                gpu().launch(Kernel.SGD, w.length())
                        .pointer(w)
                        .pointer(g)
                        .pointer(velocity)
                        .int32(w.length());
        launch.struct()
                .putDouble(s.momentum())
                .putDouble(s.dampening())
                .putDouble(s.weightDecay())
                .putInt(s.nesterov() ? 1 : 0)
                .putInt(s.first() ? 1 : 0);
        launch.step(s.lr()).run();
    }

    @Override
    default void rmsProp(Buffer w, Buffer g, Buffer v, @Nullable Buffer momentum, RmsPropSpec s) {
        if (w.length() == 0) {
            return;
        }
        Launch launch =
                gpu().launch(Kernel.RMS_PROP, w.length())
                        .pointer(w)
                        .pointer(g)
                        .pointer(v)
                        .pointer(momentum)
                        .int32(w.length());
        launch.struct()
                .putDouble(s.alpha())
                .putDouble(s.eps())
                .putDouble(s.weightDecay())
                .putDouble(s.momentum());
        launch.step(s.lr()).run();
    }
}
