package io.github.cortado.example.cifar;

import static java.util.Locale.ROOT;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** An HTML page as it grows; text is escaped, pictures are part of the page. */
final class Html {
    private final StringBuilder page = new StringBuilder();

    /** Appends what is HTML already. */
    Html raw(String html) {
        page.append(html);
        return this;
    }

    /** Appends text. */
    Html text(String text) {
        return raw(escape(text));
    }

    /** Appends an element that holds nothing but text. */
    Html element(String name, String text) {
        return raw("<" + name + ">").text(text).raw("</" + name + ">\n");
    }

    Html paragraph(String style, String text) {
        return raw("<p class=\"" + style + "\">").text(text).raw("</p>\n");
    }

    /** A share in large letters, with its interval below. */
    Html figure(String name, Confusion.Share share, String note) {
        return figure(
                name,
                String.format(ROOT, "%.2f %%", 100 * share.accuracy()),
                String.format(
                        ROOT,
                        "%s; 95\u00a0%% interval %.2f to %.2f\u00a0%%",
                        note,
                        100 * share.low(),
                        100 * share.high()));
    }

    /** A value in large letters, named above and explained below. */
    Html figure(String name, String value, String note) {
        return raw("<div class=\"figure\">")
                .element("span", name)
                .element("strong", value)
                .element("span", note)
                .raw("</div>\n");
    }

    /** Names and values, one pair a row. */
    Html facts(Map<String, String> facts) {
        raw("<table class=\"facts\">\n<tbody>\n");
        facts.forEach(
                (name, value) ->
                        raw("<tr><th>")
                                .text(name)
                                .raw("</th><td>")
                                .text(value)
                                .raw("</td></tr>\n"));
        return raw("</tbody>\n</table>\n");
    }

    /** Small pictures under their titles. */
    Html tiles(List<PictureGrid.Tile> tiles, String style) throws IOException {
        raw("<div class=\"" + style + "\">\n");
        for (PictureGrid.Tile tile : tiles) {
            String colour =
                    tile.colour().equals(Canvas.RIGHT)
                            ? "right"
                            : tile.colour().equals(Canvas.WRONG) ? "wrong" : "";
            raw("<figure><figcaption class=\"" + colour + "\">").text(tile.title());
            raw("</figcaption><img alt=\"").text(tile.title()).raw("\" src=\"");
            raw(dataUri(Canvas.toBufferedImage(tile.picture()))).raw("\"></figure>\n");
        }
        return raw("</div>\n");
    }

    static String dataUri(BufferedImage image) throws IOException {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(Canvas.png(image));
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    @Override
    public String toString() {
        return page.toString();
    }
}
