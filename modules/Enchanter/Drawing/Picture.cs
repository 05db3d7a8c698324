using System.Globalization;
using System.Net;
using System.Text;

namespace OscLooper.Enchanter;

/// <summary>[worker] The picture of a controller: laid out as the device is, every control with what it does. SVG 1.1, no script, no font of its own.</summary>
sealed class Picture
{
    const double Scale = 3.4, Margin = 14;
    const string Accent = "#8fd3ff", Quiet = "#8b8f98", Bright = "#f2f3f5";

    readonly StringBuilder svg = new();
    readonly Profile profile;

    Picture(Profile profile) => this.profile = profile;

    /// <summary>[worker] The whole file.</summary>
    internal static string Of(Profile profile)
    {
        var picture = new Picture(profile);
        picture.Draw();
        return picture.svg.ToString();
    }

    static string N(double number) => Math.Round(number, 2).ToString(CultureInfo.InvariantCulture);

    static string X(string text) => WebUtility.HtmlEncode(text);

    void Draw()
    {
        var legend = profile.Lights is null ? 0 : 62;
        var (width, height) = (profile.Size.Width * Scale + 2 * Margin, profile.Size.Height * Scale + 2 * Margin + legend);
        svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {N(width)} {N(height)}\" width=\"{N(width)}\" height=\"{N(height)}\" font-family=\"Inter, 'Segoe UI', 'DejaVu Sans', sans-serif\">\n");
        svg.Append($"<title>{X(profile.Title)}</title>\n<defs>\n")
            .Append("<linearGradient id=\"body\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\"><stop offset=\"0\" stop-color=\"#33363d\"/><stop offset=\"0.06\" stop-color=\"#24262b\"/><stop offset=\"1\" stop-color=\"#17181c\"/></linearGradient>\n")
            .Append("<linearGradient id=\"pad\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\"><stop offset=\"0\" stop-color=\"#474b54\"/><stop offset=\"1\" stop-color=\"#383b43\"/></linearGradient>\n")
            .Append("<linearGradient id=\"ivory\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\"><stop offset=\"0\" stop-color=\"#dfe1e4\"/><stop offset=\"0.12\" stop-color=\"#fbfbf9\"/><stop offset=\"1\" stop-color=\"#eceae4\"/></linearGradient>\n")
            .Append("<linearGradient id=\"ebony\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\"><stop offset=\"0\" stop-color=\"#2b2d33\"/><stop offset=\"0.88\" stop-color=\"#101114\"/><stop offset=\"0.89\" stop-color=\"#3a3d45\"/><stop offset=\"1\" stop-color=\"#191a1e\"/></linearGradient>\n")
            .Append("<radialGradient id=\"cap\" cx=\"0.38\" cy=\"0.3\" r=\"0.8\"><stop offset=\"0\" stop-color=\"#5b606b\"/><stop offset=\"1\" stop-color=\"#22242a\"/></radialGradient>\n</defs>\n");
        Box(Margin / 2, Margin / 2, profile.Size.Width * Scale + Margin, profile.Size.Height * Scale + Margin, 16, "url(#body)", "#0c0d0f");
        foreach (var control in profile.Controls) Draw(control);
        Label(profile.Size.Width * Scale + Margin - 10, profile.Size.Height * Scale + Margin + 1, profile.Title, 10, Quiet, "end");
        if (profile.Lights is { } lights) new Legend(svg, profile, lights).Draw(Margin, profile.Size.Height * Scale + 2 * Margin + 6, profile.Size.Width * Scale);
        svg.Append("</svg>\n");
    }

    void Draw(Control control)
    {
        var (x, y, w, h) = (control.Box.X * Scale + Margin, control.Box.Y * Scale + Margin, control.Box.Width * Scale, control.Box.Height * Scale);
        var deed = Deeds.Short(profile, control);
        svg.Append($"<g><title>{X(Hover(control))}</title>\n");
        switch (control.Kind)
        {
            case ControlKind.Key:
                new Keybed(svg, profile).Draw(control, x, y, w, h);
                break;
            case ControlKind.Knob or ControlKind.Encoder:
                Knob(control, x, y, w, deed);
                break;
            case ControlKind.Slider:
                Slider(control, x, y, w, h, deed);
                break;
            case ControlKind.Bend or ControlKind.Pressure or ControlKind.Program:
                Box(x, y, w, h, h / 2, "#111215", "#4a4e57");
                Box(x + w / 2 - 3, y + 3, 6, h - 6, 3, Accent, "none");
                Label(x + w / 2, y + h + 11, control.Label == "" ? control.Name : control.Label, 8, Quiet);
                break;
            default:
                Button(control, x, y, w, h, deed);
                break;
        }
        svg.Append("</g>\n");
    }

    string Hover(Control control)
    {
        var deed = Deeds.Of(profile, control);
        return $"{control.Name}{(control.Label == "" ? "" : $" ({control.Label})")}: {PageText.Sends(control)}{(deed == "" ? "" : $" · {deed}")}";
    }

    void Button(Control control, double x, double y, double w, double h, (string First, string Second) deed)
    {
        var isPad = control.Kind == ControlKind.Pad;
        Box(x, y, w, h, isPad ? 5 : 4, isPad ? "url(#pad)" : "#2b2d34", isPad ? "#14151a" : "#555a64");
        if (profile.Scheme == "grid" && isPad) svg.Append($"<rect x=\"{N(x + 4)}\" y=\"{N(y + 3.5)}\" width=\"{N(w - 8)}\" height=\"2.4\" rx=\"1.2\" fill=\"#2e9e44\" opacity=\"0.85\"/>\n");
        var size = Math.Min(9, w / 6.2);
        if (deed.Second != "")
        {
            Label(x + w / 2, y + h / 2 - 0.5 + (isPad ? 1.5 : 0), deed.First, size, isPad ? Bright : Accent);
            Label(x + w / 2, y + h / 2 + size + 0.5, deed.Second, size - 1, isPad ? Quiet : Bright);
        }
        else if (deed.First != "") Label(x + w / 2, y + h / 2 + size / 3, deed.First, Math.Min(size, w / (0.56 * deed.First.Length)), isPad ? Bright : Accent);
        else if (control.Kind == ControlKind.Pedal || isPad) Label(x + w / 2, y + h / 2 + 3, control.Label != "" ? control.Label : Last(control.Name), Math.Min(8, w / 5), Quiet);
        else if (control.Label != "") Label(x + w / 2, y + h / 2 + 3, control.Label, 8, Quiet);
        if (control.Label == "" || isPad || deed.First == "") return;
        // What is printed stands above, or beside where buttons stand close to each other.
        if (profile.Controls.Any(c => c != control && c.Box.X == control.Box.X && c.Box.Y < control.Box.Y && c.Box.Y + c.Box.Height > control.Box.Y - 4) || control.Row == 1 && profile.Find(control.Name[..^1] + "2") is { Column: 1 })
            Label(x + w + 4, y + h / 2 + 2.5, control.Label, 7, Quiet, "start");
        else Label(x + w / 2, y - 3, control.Label, 7, Quiet);
    }

    void Knob(Control control, double x, double y, double w, (string First, string Second) deed)
    {
        var (cx, cy, r) = (x + w / 2, y + w / 2, w / 2);
        var isSmall = w < 34;
        var arc = Deeds.Text($"M {N(cx - r * 0.72)} {N(cy + r * 0.72)} A {N(r * 1.02)} {N(r * 1.02)} 0 1 1 {N(cx + r * 0.72)} {N(cy + r * 0.72)}");
        svg.Append($"<path d=\"{arc}\" fill=\"none\" stroke=\"#0d0e10\" stroke-width=\"{(isSmall ? 2.5 : 4)}\" stroke-linecap=\"round\"/>\n");
        if (deed.First != "") svg.Append($"<path d=\"M {N(cx - r * 0.72)} {N(cy + r * 0.72)} A {N(r * 1.02)} {N(r * 1.02)} 0 0 1 {N(cx)} {N(cy - r * 1.02)}\" fill=\"none\" stroke=\"{Accent}\" stroke-width=\"{(isSmall ? 2 : 3)}\" stroke-linecap=\"round\"/>\n");
        svg.Append($"<circle cx=\"{N(cx)}\" cy=\"{N(cy)}\" r=\"{N(r * 0.78)}\" fill=\"url(#cap)\" stroke=\"#0d0e10\"/>\n");
        svg.Append($"<line x1=\"{N(cx)}\" y1=\"{N(cy - r * 0.36)}\" x2=\"{N(cx)}\" y2=\"{N(cy - r * 0.7)}\" stroke=\"{Bright}\" stroke-width=\"{(isSmall ? 1.5 : 2.5)}\" stroke-linecap=\"round\"/>\n");
        if (isSmall) Label(cx, y + w + 6, Last(control.Name), 5.5, Quiet);
        else
        {
            Label(cx, y + w + 10, deed.First == "" ? control.Label : deed.First, 8.5, deed.First == "" ? Quiet : Accent);
            if (deed.Second != "") Label(cx, y + w + 19, deed.Second, 8, Bright);
            if (deed.First != "" || control.Label == "") Label(cx, y - 4, Last(control.Name), 7, Quiet);
        }
    }

    void Slider(Control control, double x, double y, double w, double h, (string First, string Second) deed)
    {
        Box(x, y, w, h, Math.Min(w, h) / 2, "#111215", "#4a4e57");
        if (w > h) Box(x + w * 0.62, y - 2, 10, h + 4, 3, "url(#cap)", "#0d0e10");
        else Box(x - 2, y + h * 0.32, w + 4, 12, 3, "url(#cap)", "#0d0e10");
        Label(x + w / 2, y + h + 11, deed.First == "" ? control.Label : deed.First, 8, deed.First == "" ? Quiet : Accent);
    }

    static string Last(string name) => name[(name.LastIndexOf('/') + 1)..].Replace('_', ' ');

    void Box(double x, double y, double w, double h, double radius, string fill, string stroke) =>
        svg.Append($"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(w)}\" height=\"{N(h)}\" rx=\"{N(radius)}\" fill=\"{fill}\" stroke=\"{stroke}\"/>\n");

    void Label(double x, double y, string text, double size, string colour, string anchor = "middle")
    {
        if (text != "") svg.Append($"<text x=\"{N(x)}\" y=\"{N(y)}\" font-size=\"{N(size)}\" fill=\"{colour}\" text-anchor=\"{anchor}\">{X(text)}</text>\n");
    }
}
