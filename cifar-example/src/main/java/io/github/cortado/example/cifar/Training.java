package io.github.cortado.example.cifar;

import io.github.cortado.Device;
import io.github.cortado.data.DataLoader;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Trains epoch by epoch, in the way that suits the device. */
sealed interface Training extends AutoCloseable permits StreamedTraining, RecordedTraining {
    /**
     * What an epoch of training came to.
     *
     * @param loss sum of the batches' mean losses divided by the number of pictures
     * @param accuracy of the logits before each step, a fraction of 1
     */
    record Result(double loss, double accuracy, double seconds, int pictures) {}

    /**
     * What is trained with what.
     *
     * @param stop asked after each step
     */
    record Task(
            Classifier model,
            Course course,
            Device device,
            DataLoader loader,
            ProgressBar bar,
            BooleanSupplier stop) {}

    /**
     * Trains one epoch, counted from 1.
     *
     * @return empty if it was stopped on the way
     * @throws UserErrorException where the loss is no longer a number
     */
    Optional<Result> epoch(int epoch);

    /** Steps made so far. */
    long steps();

    /** How it goes about it, in one line; empty where there is nothing to say. */
    String description();

    @Override
    void close();

    /** On a device that can keep the pictures, recorded steps; on others batch by batch. */
    static Training of(Task task) {
        if (isOnCpu(task.device)) {
            return new StreamedTraining(task, "");
        }
        Optional<String> obstacle =
                task.course.obstacleToRecording().or(() -> task.loader.obstacleTo(task.device));
        return obstacle.isEmpty()
                ? new RecordedTraining(task)
                : new StreamedTraining(
                        task, "Batches are made on the CPU: " + obstacle.get() + ".");
    }

    static boolean isOnCpu(Device device) {
        return device.backend().name().startsWith("cpu");
    }

    /** The error for a loss that is no longer a number. */
    static UserErrorException diverged(double loss, int epoch, long step, double rate) {
        return UserErrorException.failed(
                "the loss is %s in epoch %d, step %d of the run; a lower --lr than %s may help",
                loss, epoch, step, rate);
    }
}
