package io.github.cortado.example.cifar;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one epoch came to. Losses are sums of the batches' means divided by the number of pictures,
 * as the reference program prints them; accuracies are fractions of 1.
 *
 * @param epoch from 1
 * @param validLoss of validation in evaluation mode, without dropout
 * @param validLossDropout of validation with dropout left on, as the reference program does it
 * @param seconds of training, without validation
 * @param imagesPerSecond training pictures per second of training
 * @param validSeconds of validation
 */
record Epoch(
        int epoch,
        double trainLoss,
        double trainAccuracy,
        double validLoss,
        double validAccuracy,
        double validLossDropout,
        double validAccuracyDropout,
        double seconds,
        double imagesPerSecond,
        double validSeconds) {

    /** The validation loss that is printed and plotted. */
    double shownLoss(boolean referenceValidation) {
        return referenceValidation ? validLossDropout : validLoss;
    }

    /** The validation accuracy that is printed and plotted. */
    double shownAccuracy(boolean referenceValidation) {
        return referenceValidation ? validAccuracyDropout : validAccuracy;
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("epoch", epoch);
        json.put("train_loss", trainLoss);
        json.put("train_accuracy", trainAccuracy);
        json.put("valid_loss", validLoss);
        json.put("valid_accuracy", validAccuracy);
        json.put("valid_loss_dropout", validLossDropout);
        json.put("valid_accuracy_dropout", validAccuracyDropout);
        json.put("seconds", seconds);
        json.put("images_per_second", imagesPerSecond);
        json.put("valid_seconds", validSeconds);
        return json;
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException naming what is missing
     */
    static Epoch fromJson(Map<?, ?> json) {
        return new Epoch(
                (int) number(json, "epoch"),
                number(json, "train_loss"),
                number(json, "train_accuracy"),
                number(json, "valid_loss"),
                number(json, "valid_accuracy"),
                number(json, "valid_loss_dropout"),
                number(json, "valid_accuracy_dropout"),
                number(json, "seconds"),
                number(json, "images_per_second"),
                number(json, "valid_seconds"));
    }

    private static double number(Map<?, ?> json, String key) {
        if (json.get(key) instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException("an epoch has no number called " + key);
    }
}
