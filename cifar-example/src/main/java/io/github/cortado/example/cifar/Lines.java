package io.github.cortado.example.cifar;

import static java.util.Locale.ROOT;

/** The lines of the reference program, character for character. */
final class Lines {
    private Lines() {}

    static String device(String name) {
        return String.format(ROOT, "Using device '%s'.", name);
    }

    static String pictures(int training, int validation) {
        return String.format(
                ROOT, "Using %d images for training and %d for validation.", training, validation);
    }

    /** {@code epoch 1, train: loss = 0.0169, accuracy = 38.0500%}, accuracy a fraction of 1. */
    static String train(int epoch, double loss, double accuracy) {
        return String.format(
                ROOT,
                "epoch %2d, train: loss = %.4f, accuracy = %.4f%%",
                epoch,
                loss,
                100 * accuracy);
    }

    /** {@code valid: loss = 0.0138, accuracy = 49.4200%} behind ten spaces. */
    static String valid(double loss, double accuracy) {
        return String.format(
                ROOT, "          valid: loss = %.4f, accuracy = %.4f%%", loss, 100 * accuracy);
    }

    /** {@code Accuracy for class: car is 89.5 %}. */
    static String ofClass(String name, double accuracy) {
        return String.format(ROOT, "Accuracy for class: %-5s is %.1f %%", name, 100 * accuracy);
    }

    /** {@code 75.80 % (95 % interval 74.95 to 76.63 %)}. */
    static String withInterval(Confusion.Share share) {
        return String.format(
                ROOT,
                "%.2f %% (95 %% interval %.2f to %.2f %%)",
                100 * share.accuracy(),
                100 * share.low(),
                100 * share.high());
    }

    /** {@code 3 h 02 min}, {@code 4 min 05 s} or {@code 6.7 s}. */
    static String duration(double seconds) {
        if (seconds < 60) {
            return String.format(ROOT, "%.1f s", seconds);
        }
        long s = Math.round(seconds);
        return s < 3600
                ? String.format(ROOT, "%d min %02d s", s / 60, s % 60)
                : String.format(ROOT, "%d h %02d min", s / 3600, s / 60 % 60);
    }
}
