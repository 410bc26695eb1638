package io.github.cortado.example.cifar;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.CompiledStep;
import io.github.cortado.Tensor;
import io.github.cortado.data.Batch;
import io.github.cortado.data.ResidentLoader;
import io.github.cortado.nn.Tally;
import java.util.Optional;

/**
 * The same loop for a device that keeps the pictures: a step is recorded once and replayed, from
 * the random transforms to the update of the weights, and what an epoch came to is read at its end.
 */
final class RecordedTraining implements Training {
    private final Task task;
    private final ResidentLoader loader;
    private final Tally tally = new Tally();
    private final CompiledStep<Tensor> step;
    private long steps;

    RecordedTraining(Task task) {
        this.task = task;
        this.loader = task.loader().residentOn(task.device());
        this.step = task.device().compile(this::step);
    }

    private Tensor step() {
        Batch batch = loader.next();
        task.course().optimizer().zeroGrad();
        Tensor loss = crossEntropy(task.model().forward(batch.images()), batch.labels(), tally);
        loss.backward();
        task.course().update();
        return loss;
    }

    @Override
    public Optional<Result> epoch(int epoch) {
        String title = String.format(java.util.Locale.ROOT, "epoch %2d", epoch);
        int pictures = loader.pictures();
        ProgressBar bar = task.bar();
        bar.begin(0);
        long begun = System.nanoTime();
        task.model().train();
        tally.reset();
        loader.begin(epoch - 1);
        int seen = 0;
        while (loader.hasNext()) {
            if (loader.isNextWhole()) {
                step.run();
            } else {
                step.runEagerly();
            }
            task.course().stepped();
            steps++;
            seen = Math.min(pictures, seen + task.loader().batchSize());
            if (task.stop().getAsBoolean()) {
                return Optional.empty();
            }
            bar.show(title, seen, pictures, "pictures", 1);
        }
        Tally.Totals totals = tally.read();
        double seconds = (System.nanoTime() - begun) / 1e9;
        if (!Double.isFinite(totals.lossSum())) {
            bar.erase();
            throw Training.diverged(totals.lossSum(), epoch, steps, task.course().lr());
        }
        return Optional.of(
                new Result(
                        totals.lossSum() / totals.count(), totals.accuracy(), seconds, pictures));
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public String description() {
        return "The pictures lie on the device, and steps are recorded and replayed.";
    }

    @Override
    public void close() {
        step.close();
    }
}
