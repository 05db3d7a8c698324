using System.Globalization;
using System.Net;
using System.Text;

namespace OscLooper.Enchanter;

/// <summary>[worker] The keys of a keyboard, with what they do while the control key is held.</summary>
sealed class Keybed(StringBuilder svg, Profile profile)
{
    static string N(double number) => Math.Round(number, 2).ToString(CultureInfo.InvariantCulture);

    static bool IsBlack(int pitch) => (pitch % 12) is 1 or 3 or 6 or 8 or 10;

    internal void Draw(Control control, double x, double y, double w, double h)
    {
        var (first, last) = (control.Keys.First, control.Keys.First + control.Keys.Count - 1);
        var whites = Enumerable.Range(first, Math.Max(0, control.Keys.Count)).Count(p => !IsBlack(p));
        if (whites == 0) return;
        var width = w / whites;
        svg.Append($"<rect x=\"{N(x - 3)}\" y=\"{N(y - 4)}\" width=\"{N(w + 6)}\" height=\"{N(h + 7)}\" rx=\"4\" fill=\"#0b0c0e\"/>\n<rect x=\"{N(x - 1)}\" y=\"{N(y - 3)}\" width=\"{N(w + 2)}\" height=\"3\" fill=\"#7d2230\"/>\n");
        var white = 0;
        for (var pitch = first; pitch <= last; pitch++)
        {
            if (IsBlack(pitch)) continue;
            Key(pitch, x + white * width, y, width - 0.8, h, "url(#ivory)", "#9c9a93", isBlack: false);
            white++;
        }
        white = 0;
        for (var pitch = first; pitch <= last; pitch++)
            if (!IsBlack(pitch)) white++;
            else Key(pitch, x + white * width - width * 0.31, y, width * 0.62, h * 0.62, "url(#ebony)", "#000", isBlack: true);
    }

    void Key(int pitch, double x, double y, double w, double h, string fill, string stroke, bool isBlack)
    {
        var deed = Deeds.OfKey(profile, pitch);
        svg.Append($"<g><title>{WebUtility.HtmlEncode(Deeds.Text($"key {pitch}{(deed == "" ? ": plays" : $", while {profile.ControlKey} is held: {deed}")}"))}</title>")
            .Append($"<path d=\"M {N(x)} {N(y)} h {N(w)} v {N(h - 3)} q 0 3 -3 3 h {N(6 - w)} q -3 0 -3 -3 z\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"0.6\"/>");
        if (deed != "")
        {
            svg.Append($"<rect x=\"{N(x + 1)}\" y=\"{N(y + h - 8)}\" width=\"{N(w - 2)}\" height=\"5\" rx=\"1.5\" fill=\"{Zone(pitch)}\"/>");
            var size = Math.Min(8.5, w * (isBlack ? 0.8 : 0.62));
            svg.Append($"<text transform=\"translate({N(x + w / 2 + size * 0.36)} {N(y + h - 11)}) rotate(-90)\" font-size=\"{N(size)}\" fill=\"{(isBlack ? "#fff" : "#1d1f24")}\">{WebUtility.HtmlEncode(deed)}</text>");
        }
        else if (pitch % 12 == 0) svg.Append($"<text x=\"{N(x + w / 2)}\" y=\"{N(y + h - 5)}\" font-size=\"6\" fill=\"#9c9a93\" text-anchor=\"middle\">C{pitch / 12 - 1}</text>");
        svg.Append("</g>\n");
    }

    // Neighbours of one purpose have one colour.
    string Zone(int pitch) => profile.Scheme != "wrap_manual" ? "#2f7dd1" : pitch switch
    {
        <= 23 => "#f57c00",
        <= 47 => "#2f7dd1",
        <= 77 => "#8e5bd0",
        <= 83 => "#d14b8f",
        <= 95 => "#c9a227",
        <= 100 => "#2e9e44",
        <= 106 => "#d32f2f",
        _ => "#139a9a",
    };
}
