package io.github.cortado.example.cifar;

import io.github.cortado.CompiledStep;
import io.github.cortado.Tensor;
import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reference program's training loop, written as a user of the library would. */
final class StreamedTraining implements Training {
    private final Task task;
    private final String description;
    private final CompiledStep<Tensor> step;
    private @Nullable Batch batch;
    private @Nullable Tensor logits;
    private long steps;

    /** Trains on the loader's batches, moved to the device one after another. */
    StreamedTraining(Task task, String description) {
        this.task = task;
        this.description = description;
        this.step = task.device().compile(this::step);
    }

    private Tensor step() {
        Batch now = Objects.requireNonNull(batch);
        task.course().optimizer().zeroGrad();
        Tensor scores = task.model().forward(now.images().to(task.device()));
        Tensor loss = task.course().loss(scores, now.labels().to(task.device()));
        loss.backward();
        task.course().update();
        logits = scores;
        return loss;
    }

    /** The CPU runs the step in the same memory every time; a GPU would replay the first batch. */
    private Tensor run(Batch next) {
        batch = next;
        return Training.isOnCpu(task.device()) ? step.run() : step.runEagerly();
    }

    @Override
    public Optional<Result> epoch(int epoch) {
        DataLoader loader = task.loader();
        ProgressBar bar = task.bar();
        String title = String.format(java.util.Locale.ROOT, "epoch %2d", epoch);
        int pictures = loader.pictures();
        double lossSum = 0;
        int hits = 0;
        int seen = 0;
        bar.begin(0);
        long begun = System.nanoTime();
        task.model().train();
        for (Batch next : loader.epoch(epoch - 1)) {
            Tensor loss = run(next);
            lossSum += loss.item();
            hits += hits(Objects.requireNonNull(logits), next.labels());
            seen += next.size();
            task.course().stepped();
            steps++;
            if (!Double.isFinite(lossSum)) {
                bar.erase();
                throw Training.diverged(loss.item(), epoch, steps, task.course().lr());
            }
            if (task.stop().getAsBoolean()) {
                return Optional.empty();
            }
            bar.show(title, seen, pictures, "pictures", 1);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        return Optional.of(new Result(lossSum / seen, (double) hits / seen, seconds, seen));
    }

    private static int hits(Tensor logits, Tensor labels) {
        int[] predicted = logits.argmax(1).toInts();
        int[] actual = labels.toInts();
        int hits = 0;
        for (int i = 0; i < actual.length; i++) {
            hits += predicted[i] == actual[i] ? 1 : 0;
        }
        return hits;
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public void close() {
        step.close();
    }
}
