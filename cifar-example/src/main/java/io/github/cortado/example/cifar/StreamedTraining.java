package io.github.cortado.example.cifar;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.Tensor;
import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import io.github.cortado.optim.Adam;
import java.util.Optional;

/** The reference program's training loop, written as a user of the library would. */
final class StreamedTraining implements Training {
    private final Task task;
    private final String description;
    private long steps;

    /** Trains on the loader's batches, moved to the device one after another. */
    StreamedTraining(Task task, String description) {
        this.task = task;
        this.description = description;
    }

    @Override
    public Optional<Result> epoch(int epoch) {
        LeNet model = task.model();
        Adam optimizer = task.optimizer();
        DataLoader loader = task.loader();
        ProgressBar bar = task.bar();
        String title = String.format(java.util.Locale.ROOT, "epoch %2d", epoch);
        int pictures = loader.pictures();
        double lossSum = 0;
        int hits = 0;
        int seen = 0;
        bar.begin(0);
        long begun = System.nanoTime();
        model.train();
        for (Batch batch : loader.epoch(epoch - 1)) {
            Tensor images = batch.images().to(task.device());
            Tensor labels = batch.labels().to(task.device());
            optimizer.zeroGrad();
            Tensor logits = model.forward(images);
            Tensor loss = crossEntropy(logits, labels);
            loss.backward();
            optimizer.step();
            lossSum += loss.item();
            hits += hits(logits, labels);
            seen += batch.size();
            steps++;
            if (!Double.isFinite(lossSum)) {
                bar.erase();
                throw Training.diverged(loss.item(), epoch, steps, optimizer.lr());
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
    public void close() {}
}
