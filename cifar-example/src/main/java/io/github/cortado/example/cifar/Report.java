package io.github.cortado.example.cifar;

import static java.util.Locale.ROOT;

import java.awt.Color;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A run on one HTML page that needs no other file: figures, samples, curves, tables, confusion
 * matrix, predictions, parameters and machine.
 *
 * @param structure the network as printed
 * @param drawing whether curves can be drawn on this machine
 * @param stopped why the run ended early, empty if it did not
 * @param seconds of the whole run
 */
record Report(
        Recipe recipe,
        Pictures pictures,
        boolean reference,
        RunInfo info,
        String structure,
        List<Epoch> epochs,
        Optional<Validation> validation,
        TrainRun.Samples samples,
        boolean drawing,
        String stopped,
        double seconds) {

    String html() throws IOException {
        Html page = new Html();
        String title = recipe.title() + " on " + pictures.name();
        page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.raw("<link rel=\"icon\" href=\"data:,\">\n");
        page.element("title", title);
        page.raw("<style>\n").raw(style()).raw("</style>\n</head>\n<body>\n<main>\n");
        page.element("h1", title);
        heading(page);
        figures(page);
        page.element("h2", "Training samples");
        page.raw("<p class=\"faint\">As the network gets them. Random transforms: ")
                .raw(transforms())
                .raw(".</p>\n");
        page.tiles(RunFiles.sampleTiles(pictures, samples), "tiles short");
        curves(page);
        epochTable(page);
        if (validation.isPresent()) {
            Validation.Head head = validation.get().shown(reference);
            perClass(page, head.confusion());
            matrix(page, head.confusion());
            page.element("h2", "Predictions");
            page.raw("<p class=\"faint\">The first validation pictures: predicted (actual).</p>\n");
            page.tiles(RunFiles.predictionTiles(pictures, head), "tiles");
        }
        page.element("h2", "Network");
        page.element("pre", structure);
        page.element("h2", "Parameters");
        page.facts(info.parameters());
        page.element("h2", "Machine");
        Map<String, String> machine = new LinkedHashMap<>(info.machine());
        machine.put("duration", Lines.duration(seconds));
        page.facts(machine);
        return page.raw("</main>\n</body>\n</html>\n").toString();
    }

    private static String style() {
        try (InputStream in = Report.class.getResourceAsStream("report.css")) {
            if (in == null) {
                throw new IllegalStateException("report.css is missing from the example's jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void heading(Html page) {
        page.paragraph(
                "faint",
                "Trained with Cortado on device "
                        + info.parameters().get("device")
                        + ", "
                        + info.machine().get("started")
                        + ", in "
                        + Lines.duration(seconds)
                        + ".");
        if (!pictures.cifar()) {
            page.paragraph(
                    "notice",
                    "These are "
                            + Pictures.NOT_CIFAR
                            + ": drawn figures that stand in for it. The accuracies say nothing"
                            + " about CIFAR-10.");
        }
        if (!stopped.isEmpty()) {
            page.paragraph(
                    "notice",
                    "The run ended early: "
                            + stopped
                            + ". Tables and pictures are of the "
                            + epochs.size()
                            + " epochs that were completed; model.safetensors is as training left"
                            + " it.");
        }
        if (reference) {
            page.paragraph(
                    "notice",
                    "Validation is shown as the reference program computes it, with dropout left"
                            + " on.");
        }
    }

    private void figures(Html page) {
        if (validation.isEmpty()) {
            page.paragraph(
                    "",
                    epochs.isEmpty()
                            ? "No epoch was completed."
                            : "No epoch was completed since the run was resumed.");
            return;
        }
        Epoch last = epochs.get(epochs.size() - 1);
        page.raw("<div class=\"figures\">\n");
        page.figure(
                "validation accuracy",
                validation.get().evaluation().confusion().all(),
                "evaluation mode");
        page.figure(
                "validation accuracy",
                validation.get().other().confusion().all(),
                recipe.other().text());
        page.figure(
                "training accuracy",
                percent(last.trainAccuracy()),
                "epoch "
                        + last.epoch()
                        + (recipe == Recipe.LENET ? ", dropout on" : "")
                        + "; random transforms: "
                        + transforms());
        page.figure(
                "training speed",
                String.format(ROOT, "%,.0f pictures/s", last.imagesPerSecond()),
                String.format(ROOT, "epoch %d took %.1f s", last.epoch(), last.seconds()));
        page.raw("</div>\n");
    }

    private String transforms() {
        // Not null: every run notes them.
        return Objects.requireNonNull(info.parameters().get(TrainCommand.TRANSFORMS));
    }

    private void curves(Html page) throws IOException {
        if (epochs.isEmpty()) {
            return;
        }
        page.element("h2", "Curves");
        if (!drawing) {
            page.paragraph("notice", "Left out: Java found no fonts on this machine.");
            return;
        }
        page.raw("<div class=\"curves\">\n");
        page.raw(
                picture(
                        "Loss by epoch, training and validation",
                        Curves.loss("Loss", epochs, reference, 540, 380, 2),
                        Curves.loss("Loss", epochs, reference, 380, 300, 2)));
        page.raw(
                picture(
                        "Accuracy by epoch, training and validation",
                        Curves.accuracy("Accuracy", epochs, reference, 540, 380, 2),
                        Curves.accuracy("Accuracy", epochs, reference, 380, 300, 2)));
        page.raw("</div>\n");
    }

    /** One rendering for wide windows and one for narrow ones, so that letters stay readable. */
    private static String picture(
            String alt, java.awt.image.BufferedImage wide, java.awt.image.BufferedImage narrow)
            throws IOException {
        return "<picture><source media=\"(max-width: 500px)\" srcset=\""
                + Html.dataUri(narrow)
                + "\"><img alt=\""
                + Html.escape(alt)
                + "\" src=\""
                + Html.dataUri(wide)
                + "\"></picture>\n";
    }

    private void epochTable(Html page) {
        if (epochs.isEmpty()) {
            return;
        }
        page.raw("<details><summary>All epochs as a table</summary>\n");
        page.raw("<table class=\"epochs\">\n<thead><tr>");
        page.raw("<th>epoch</th><th>train loss</th><th>train %</th><th>valid loss</th>");
        page.raw("<th>valid %</th>");
        page.raw("<th>" + Html.escape(recipe.other().heading()) + ": loss</th><th>%</th>");
        page.raw(
                "<th class=\"wide\">seconds</th><th class=\"wide\">pictures/s</th></tr></thead>\n");
        page.raw("<tbody>\n");
        for (Epoch e : epochs) {
            page.raw(
                    String.format(
                            ROOT,
                            "<tr><td>%d</td><td>%.4f</td><td>%.2f</td><td>%.4f</td><td>%.2f</td>"
                                    + "<td>%.4f</td><td>%.2f</td><td class=\"wide\">%.1f</td>"
                                    + "<td class=\"wide\">%,.0f</td></tr>%n",
                            e.epoch(),
                            e.trainLoss(),
                            100 * e.trainAccuracy(),
                            e.validLoss(),
                            100 * e.validAccuracy(),
                            e.validLossOther(),
                            100 * e.validAccuracyOther(),
                            e.seconds(),
                            e.imagesPerSecond()));
        }
        page.raw("</tbody>\n</table></details>\n");
    }

    private void perClass(Html page, Confusion confusion) {
        page.element("h2", "Accuracy by class");
        page.raw("<table>\n<thead><tr><th>class</th><th>right</th><th>of</th><th>%</th>");
        page.raw("<th>95 % interval</th><th class=\"bar\"></th></tr></thead>\n<tbody>\n");
        for (int c = 0; c < confusion.classNames().size(); c++) {
            row(page, confusion.classNames().get(c), confusion.ofClass(c));
        }
        row(page, "all", confusion.all());
        page.raw("</tbody>\n</table>\n");
        page.paragraph("faint", "Wilson score intervals.");
    }

    private static void row(Html page, String name, Confusion.Share share) {
        page.raw("<tr><td>").text(name).raw("</td>");
        page.raw(
                String.format(
                        ROOT,
                        "<td>%d</td><td>%d</td><td>%s</td><td>%.1f to %.1f</td>"
                                + "<td class=\"bar\"><div><i style=\"width:%.2f%%\"></i>"
                                + "<b style=\"left:%.2f%%;width:%.2f%%\"></b></div></td></tr>%n",
                        share.correct(),
                        share.total(),
                        share.total() == 0
                                ? "-"
                                : String.format(ROOT, "%.1f", 100 * share.accuracy()),
                        100 * share.low(),
                        100 * share.high(),
                        100 * share.accuracy(),
                        100 * share.low(),
                        100 * (share.high() - share.low())));
    }

    private void matrix(Html page, Confusion confusion) {
        List<String> names = confusion.classNames();
        int most = ConfusionPicture.most(confusion);
        page.element("h2", "Confusion matrix");
        page.paragraph("faint", "Actual classes down, predicted ones across.");
        page.raw("<table class=\"matrix\">\n<thead><tr><th class=\"corner\"></th>");
        names.forEach(name -> page.element("th", name));
        page.raw("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < names.size(); i++) {
            page.raw("<tr>").element("th", names.get(i));
            for (int j = 0; j < names.size(); j++) {
                int count = confusion.count(i, j);
                double share = ConfusionPicture.shade(count, most);
                page.raw(
                        String.format(
                                ROOT,
                                "<td style=\"background:%s;color:%s\">%d</td>",
                                hex(ConfusionPicture.mix(share)),
                                hex(ConfusionPicture.textOn(share)),
                                count));
            }
            page.raw("</tr>\n");
        }
        page.raw("</tbody>\n</table>\n");
    }

    private static String hex(Color colour) {
        return String.format(ROOT, "#%06x", colour.getRGB() & 0xffffff);
    }

    private static String percent(double fraction) {
        return String.format(ROOT, "%.2f %%", 100 * fraction);
    }
}
