using System.Globalization;
using System.Text;

namespace OscLooper.Enchanter;

/// <summary>[worker] What the lights mean, in the device's own colours.</summary>
sealed class Legend(StringBuilder svg, Profile profile, Lights lights)
{
    static readonly (string State, string Words, bool Blinks)[] States =
    [
        ("empty", "empty", false), ("armed", "armed: waits", true), ("recording", "recording", false), ("playing", "playing", false), ("overdub", "overdub", false),
        ("stop_queued", "ends soon", true), ("paused", "has sound, silent", false), ("muted", "muted", false), ("faulted", "fault", true),
    ];

    // Channels 0..6 of the mk2 are 10 25 50 65 75 90 100 % of brightness.
    static readonly double[] Brightness = [0.1, 0.25, 0.5, 0.65, 0.75, 0.9, 1];

    static readonly Lazy<string[]> palette = new(() =>
    {
        var colours = new string[128];
        foreach (var line in Profiles.Text("apc_key_25_mk2-palette.csv").Split('\n').Skip(1).Where(l => l.Contains(',')))
            colours[int.Parse(line.Split(',')[0], CultureInfo.InvariantCulture)] = line.Split(',')[1].Trim();
        return colours;
    });

    static string N(double number) => Math.Round(number, 2).ToString(CultureInfo.InvariantCulture);

    /// <summary>[worker] The colour of a light as it is seen.</summary>
    internal static string Colour(Lights lights, (int Channel, int Value) light)
    {
        var isOwn = lights.Colours.TryGetValue(light.Value, out var own);
        var rgb = isOwn ? own! : palette.Value[light.Value];
        if (rgb == "000000") return "#2a2b30";
        var part = isOwn || light.Channel > 6 ? 1 : Brightness[light.Channel];
        // A light is seen brighter than its number: a dark green is still green.
        int Part(int at) => (int)((isOwn ? Convert.ToInt32(rgb.Substring(at, 2), 16) : 255 * Math.Sqrt(Convert.ToInt32(rgb.Substring(at, 2), 16) / 255.0)) * part + 0x2a * (1 - part));
        return $"#{Part(0):x2}{Part(2):x2}{Part(4):x2}";
    }

    internal void Draw(double x, double y, double width)
    {
        var step = width / States.Length;
        for (var i = 0; i < States.Length; i++)
        {
            if (!lights.States.TryGetValue(States[i].State, out var light)) continue;
            var (left, isSteady) = (x + i * step, profile.Name.EndsWith("mk1", StringComparison.Ordinal) ? light.Value is not (2 or 4 or 6) : light.Channel <= 6);
            svg.Append($"<g><rect x=\"{N(left)}\" y=\"{N(y)}\" width=\"{N(step - 12)}\" height=\"20\" rx=\"5\" fill=\"{Colour(lights, light)}\" stroke=\"#101114\">");
            if (!isSteady) svg.Append("<animate attributeName=\"opacity\" values=\"1;1;0.2;0.2\" keyTimes=\"0;0.5;0.5;1\" dur=\"0.5s\" repeatCount=\"indefinite\"/>");
            svg.Append($"</rect><text x=\"{N(left + (step - 12) / 2)}\" y=\"{N(y + 34)}\" font-size=\"9.5\" fill=\"#5b606b\" text-anchor=\"middle\">{States[i].Words}{(isSteady ? "" : ", blinks")}</text></g>\n");
        }
    }
}
