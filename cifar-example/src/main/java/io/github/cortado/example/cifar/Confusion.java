package io.github.cortado.example.cifar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.WilsonScoreInterval;

/** How often each class was taken for which: counts by actual and predicted class. */
final class Confusion {
    private static final double LEVEL = 0.95;

    private final List<String> classNames;
    private final int[][] counts;

    Confusion(List<String> classNames) {
        this.classNames = List.copyOf(classNames);
        this.counts = new int[classNames.size()][classNames.size()];
    }

    /**
     * A share of pictures that were recognised, and its 95 % Wilson score interval (E. B. Wilson,
     * 1927), as fractions of 1; without any pictures the interval is 0 to 1.
     */
    record Share(int correct, int total) {
        double accuracy() {
            return total == 0 ? 0 : (double) correct / total;
        }

        double low() {
            return total == 0 ? 0 : Math.max(0, interval().getLowerBound());
        }

        double high() {
            return total == 0 ? 1 : Math.min(1, interval().getUpperBound());
        }

        private ConfidenceInterval interval() {
            return new WilsonScoreInterval().createInterval(total, correct, LEVEL);
        }
    }

    void add(int actual, int predicted) {
        counts[actual][predicted]++;
    }

    List<String> classNames() {
        return classNames;
    }

    int count(int actual, int predicted) {
        return counts[actual][predicted];
    }

    /** Pictures of one class that were recognised. */
    Share ofClass(int actual) {
        int total = 0;
        for (int count : counts[actual]) {
            total += count;
        }
        return new Share(counts[actual][actual], total);
    }

    /** All pictures that were recognised. */
    Share all() {
        int correct = 0;
        int total = 0;
        for (int c = 0; c < counts.length; c++) {
            Share share = ofClass(c);
            correct += share.correct();
            total += share.total();
        }
        return new Share(correct, total);
    }

    /** The reference program's line for each class. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int c = 0; c < counts.length; c++) {
            Share share = ofClass(c);
            lines.add(
                    share.total() == 0
                            ? "Accuracy for class: " + classNames.get(c) + " had no pictures"
                            : Lines.ofClass(classNames.get(c), share.accuracy()));
        }
        return lines;
    }

    /** What {@code per_class.json} says: all, each class, and the counts, rows by actual class. */
    Map<String, Object> toJson() {
        List<Object> classes = new ArrayList<>();
        List<Object> rows = new ArrayList<>();
        for (int c = 0; c < counts.length; c++) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("class", classNames.get(c));
            entry.putAll(toJson(ofClass(c)));
            classes.add(entry);
            List<Integer> row = new ArrayList<>();
            for (int count : counts[c]) {
                row.add(count);
            }
            rows.add(row);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("all", toJson(all()));
        json.put("classes", classes);
        json.put("confusion_rows_actual_columns_predicted", rows);
        return json;
    }

    private static Map<String, Object> toJson(Share share) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("correct", share.correct());
        json.put("total", share.total());
        json.put("accuracy", share.accuracy());
        json.put("wilson_95_low", share.low());
        json.put("wilson_95_high", share.high());
        return json;
    }
}
