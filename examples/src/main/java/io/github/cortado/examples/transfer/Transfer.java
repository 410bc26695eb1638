package io.github.cortado.examples.transfer;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import io.github.cortado.data.Dataset;
import io.github.cortado.models.ResNet;
import io.github.cortado.nn.Block;
import io.github.cortado.optim.Adam;
import io.github.cortado.vision.Compose;
import io.github.cortado.vision.Normalize;
import io.github.cortado.vision.PaddingMode;
import io.github.cortado.vision.RandomCrop;
import io.github.cortado.vision.RandomHorizontalFlip;
import io.github.cortado.vision.Resize;
import io.github.cortado.vision.ToTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Trains a network on a few pictures, some of its parts frozen. */
final class Transfer {
    /** What the network was trained with: CIFAR-10's mean and deviation. */
    private static final Normalize NORMALIZE =
            new Normalize(
                    new double[] {0.4914, 0.4822, 0.4465}, new double[] {0.2470, 0.2435, 0.2616});

    private static final Compose TRAINING =
            Compose.of(
                    new Resize(32, 32),
                    new RandomHorizontalFlip(0.5),
                    new RandomCrop(32).padding(4).paddingMode(PaddingMode.REFLECT),
                    new ToTensor(),
                    NORMALIZE);
    private static final Compose VALIDATION =
            Compose.of(new Resize(32, 32), new ToTensor(), NORMALIZE);

    private static final int VALIDATION_BATCH = 100;

    private final Settings settings;
    private final Device device;
    private final DataLoader training;
    private final DataLoader validation;

    /** How to train. */
    record Settings(int epochs, int batch, double lr, long seed) {}

    /**
     * What training came to.
     *
     * @param losses of training, one for each epoch
     * @param accuracies of validation, one for each epoch, fractions of 1
     * @param trained how many numbers were trained
     */
    record Result(List<Double> losses, List<Double> accuracies, long trained, double seconds) {
        double lastAccuracy() {
            return accuracies.get(accuracies.size() - 1);
        }
    }

    Transfer(Settings settings, Dataset training, Dataset validation, Device device) {
        this.settings = settings;
        this.device = device;
        this.training =
                new DataLoader(training, TRAINING)
                        .batchSize(settings.batch)
                        .shuffle(true)
                        .seed(settings.seed);
        this.validation = new DataLoader(validation, VALIDATION).batchSize(VALIDATION_BATCH);
    }

    /**
     * Trains what is not frozen. A frozen part's weights stay as they are, and so do the running
     * statistics of its normalisations, for it is in evaluation mode all along.
     */
    Result train(ResNet net, List<String> frozen) {
        net.to(device);
        for (String name : frozen) {
            part(net, name).parameters().forEach(p -> p.requiresGrad(false));
        }
        List<Tensor> trained = net.parameters().stream().filter(Tensor::requiresGrad).toList();
        Adam optimizer = new Adam(trained, settings.lr);
        List<Double> losses = new ArrayList<>();
        List<Double> accuracies = new ArrayList<>();
        long begun = System.nanoTime();
        for (int epoch = 0; epoch < settings.epochs; epoch++) {
            net.train();
            frozen.forEach(name -> part(net, name).eval());
            double sum = 0;
            for (Batch batch : training.epoch(epoch)) {
                Tensor loss =
                        crossEntropy(
                                net.forward(batch.images().to(device)), batch.labels().to(device));
                optimizer.zeroGrad();
                loss.backward();
                optimizer.step();
                sum += loss.item() * batch.size();
            }
            losses.add(sum / training.pictures());
            accuracies.add(accuracy(net));
        }
        return new Result(
                losses,
                accuracies,
                trained.stream().mapToLong(Tensor::size).sum(),
                (System.nanoTime() - begun) / 1e9);
    }

    private static Block part(ResNet net, String name) {
        return Objects.requireNonNull(net.children().get(name), name);
    }

    private double accuracy(ResNet net) {
        net.eval();
        int right = 0;
        try (var pause = Autograd.noGrad()) {
            for (Batch batch : validation.epoch(0)) {
                long[] found = net.forward(batch.images().to(device)).argmax(1).toLongs();
                long[] actual = batch.labels().toLongs();
                for (int i = 0; i < found.length; i++) {
                    right += found[i] == actual[i] ? 1 : 0;
                }
            }
        }
        return (double) right / validation.pictures();
    }
}
