package io.github.cortado.example.cifar;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import io.github.cortado.optim.Adam;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The reference program's training loop, written as a user of the library would. */
final class Training {
    private final LeNet model;
    private final Adam optimizer;
    private final Device device;
    private final DataLoader loader;
    private final ProgressBar bar;
    private final BooleanSupplier stop;
    private long steps;

    /** Trains on the loader's batches; {@code stop} is asked after each step. */
    Training(
            LeNet model,
            Adam optimizer,
            Device device,
            DataLoader loader,
            ProgressBar bar,
            BooleanSupplier stop) {
        this.model = model;
        this.optimizer = optimizer;
        this.device = device;
        this.loader = loader;
        this.bar = bar;
        this.stop = stop;
    }

    /**
     * What an epoch of training came to.
     *
     * @param loss sum of the batches' mean losses divided by the number of pictures
     * @param accuracy of the logits before each step, a fraction of 1
     */
    record Result(double loss, double accuracy, double seconds, int pictures) {}

    /**
     * Trains one epoch, counted from 1.
     *
     * @return empty if it was stopped on the way
     * @throws UserErrorException as soon as the loss is no longer a number
     */
    Optional<Result> epoch(int epoch) {
        String title = String.format(java.util.Locale.ROOT, "epoch %2d", epoch);
        int pictures = loader.pictures();
        double lossSum = 0;
        int hits = 0;
        int seen = 0;
        bar.begin(0);
        long begun = System.nanoTime();
        model.train();
        for (Batch batch : loader.epoch(epoch - 1)) {
            Tensor images = batch.images().to(device);
            Tensor labels = batch.labels().to(device);
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
                throw UserErrorException.failed(
                        "the loss is %s in epoch %d, step %d of the run; a lower --lr than %s may"
                                + " help",
                        loss.item(), epoch, steps, optimizer.lr());
            }
            if (stop.getAsBoolean()) {
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

    /** Steps made so far. */
    long steps() {
        return steps;
    }
}
