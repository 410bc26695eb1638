package io.github.cortado.example.cifar;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import io.github.cortado.data.ResidentLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * One pass over the validation pictures, without gradients, in the network's two ways.
 *
 * @param evaluation the right figure
 * @param other the one that {@link Recipe#other} names, such as dropout left on, which is how the
 *     reference program validates
 */
record Validation(Head evaluation, Head other) {
    /**
     * What one head said.
     *
     * @param loss sum of the batches' mean losses divided by the number of pictures
     * @param predicted class of every picture, in order
     */
    record Head(double loss, Confusion confusion, List<Integer> predicted) {}

    /** The head that is printed and drawn. */
    Head shown(boolean referenceValidation) {
        return referenceValidation ? other : evaluation;
    }

    /** The batches of a pass: made on the device where it can keep the pictures. */
    static Supplier<Iterable<Batch>> batches(DataLoader loader, Device device) {
        if (loader.obstacleTo(device).isPresent()) {
            return () -> loader.epoch(0);
        }
        ResidentLoader resident = loader.residentOn(device);
        return () -> resident.epoch(0);
    }

    /**
     * Validates.
     *
     * @param done told after each batch how many pictures are done
     * @param stop asked after each batch; where it says true, the result is empty
     */
    static Optional<Validation> run(
            Classifier model,
            Device device,
            Iterable<Batch> batches,
            List<String> classNames,
            IntConsumer done,
            BooleanSupplier stop) {
        Tally evaluation = new Tally(classNames);
        Tally other = new Tally(classNames);
        try (var pause = Autograd.noGrad()) {
            for (Batch batch : batches) {
                Tensor labels = batch.labels().to(device);
                Classifier.Heads heads = model.heads(batch.images().to(device));
                evaluation.add(heads.evaluation(), labels);
                other.add(heads.other(), labels);
                done.accept(evaluation.predicted.size());
                if (stop.getAsBoolean()) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(new Validation(evaluation.head(), other.head()));
    }

    private static final class Tally {
        private final Confusion confusion;
        private final List<Integer> predicted = new ArrayList<>();
        private double lossSum;

        Tally(List<String> classNames) {
            confusion = new Confusion(classNames);
        }

        void add(Tensor logits, Tensor labels) {
            lossSum += crossEntropy(logits, labels).item();
            int[] found = logits.argmax(1).toInts();
            int[] actual = labels.toInts();
            for (int i = 0; i < found.length; i++) {
                confusion.add(actual[i], found[i]);
                predicted.add(found[i]);
            }
        }

        Head head() {
            return new Head(lossSum / predicted.size(), confusion, List.copyOf(predicted));
        }
    }
}
