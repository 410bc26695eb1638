package io.github.cortado.example.cifar;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one epoch came to. Losses are sums of the batches' means divided by the number of pictures,
 * as the reference program prints them; accuracies are fractions of 1.
 *
 * @param epoch from 1
 * @param validLoss of validation in evaluation mode, without dropout
 * @param validLossOther of validation in the other way, {@link Recipe#other}: with dropout left on,
 *     as the reference program does it
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
        double validLossOther,
        double validAccuracyOther,
        double seconds,
        double imagesPerSecond,
        double validSeconds) {

    /** The validation loss that is printed and plotted. */
    double shownLoss(boolean referenceValidation) {
        return referenceValidation ? validLossOther : validLoss;
    }

    /** The validation accuracy that is printed and plotted. */
    double shownAccuracy(boolean referenceValidation) {
        return referenceValidation ? validAccuracyOther : validAccuracy;
    }

    /** With the names that the network's history has. */
    Map<String, Object> toJson(Recipe recipe) {
        String other = recipe.other().key();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("epoch", epoch);
        json.put("train_loss", trainLoss);
        json.put("train_accuracy", trainAccuracy);
        json.put("valid_loss", validLoss);
        json.put("valid_accuracy", validAccuracy);
        json.put("valid_loss_" + other, validLossOther);
        json.put("valid_accuracy_" + other, validAccuracyOther);
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
    static Epoch fromJson(Map<?, ?> json, Recipe recipe) {
        String other = recipe.other().key();
        return new Epoch(
                (int) number(json, "epoch"),
                number(json, "train_loss"),
                number(json, "train_accuracy"),
                number(json, "valid_loss"),
                number(json, "valid_accuracy"),
                number(json, "valid_loss_" + other),
                number(json, "valid_accuracy_" + other),
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
