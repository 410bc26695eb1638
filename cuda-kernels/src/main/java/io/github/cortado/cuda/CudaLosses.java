package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import org.jspecify.annotations.Nullable;

/** Losses: see {@code loss.cu}. */
interface CudaLosses extends CudaMemory {
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
        return gpu().launch(kernel).grid(gpu().blocks(Math.min(blocks, MAX_MEETING)));
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
}
