using System.Globalization;

namespace OscLooper.Enchanter;

/// <summary>[any] What a button does to its address.</summary>
enum PressMode
{
    /// <summary>[any] Down sends the address with its fixed arguments.</summary>
    Press,
    /// <summary>[any] Down sends the high value, up the low one.</summary>
    Gate,
    /// <summary>[any] Every press sends the other one of both.</summary>
    Toggle,
    /// <summary>[any] Down sends how hard it was struck, between both.</summary>
    Velocity,
}

/// <summary>[any] A control and the address it drives: /enchanter/bind control address low high how.</summary>
sealed record Binding
{
    /// <summary>[any] "apc_key_25_mk2/knob/1".</summary>
    public required string Control { get; init; }
    /// <summary>[any] As the player wrote it: address and fixed arguments.</summary>
    public required string Target { get; init; }
    public required string Address { get; init; }
    public IReadOnlyList<object> Fixed { get; init; } = [];
    public double? Low { get; init; }
    public double? High { get; init; }
    /// <summary>[any] As the player wrote it.</summary>
    public string How { get; init; } = "";
    public PressMode Mode { get; init; }
    /// <summary>[any] Equal turns multiply instead of add: for frequencies.</summary>
    public bool IsExponential { get; init; }
    /// <summary>[any] Whole numbers only.</summary>
    public bool IsWhole { get; init; }
    /// <summary>[any] The value jumps to where the knob is, without waiting to be picked up.</summary>
    public bool Jumps { get; init; }

    internal const string Words = "press gate toggle velocity exponential linear whole jump";

    /// <summary>[any] The value at a place 0..1 of the control.</summary>
    internal double At(double place)
    {
        var (low, high) = (Low ?? 0, High ?? 1);
        place = Math.Clamp(place, 0, 1);
        var value = IsExponential ? low * Math.Pow(high / low, place) : low + (high - low) * place;
        return IsWhole ? Math.Round(value) : value;
    }

    /// <summary>[any] The place of a value, 0..1.</summary>
    internal double PlaceOf(double value)
    {
        var (low, high) = (Low ?? 0, High ?? 1);
        if (high == low) return 0;
        return Math.Clamp(IsExponential ? Math.Log(Math.Max(value / low, 1e-12)) / Math.Log(high / low) : (value - low) / (high - low), 0, 1);
    }

    /// <summary>[main] Reads what a player said; null and what is wrong.</summary>
    internal static Binding? Read(string control, string target, double? low, double? high, string how, out string why)
    {
        why = "";
        var parts = Split(target, out why);
        if (parts is null) return null;
        if (parts.Count == 0 || parts[0] is not string address || address.Length < 2 || address[0] != '/')
        {
            why = $"\"{target}\" is no address";
            return null;
        }
        var words = how.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var unknown = words.FirstOrDefault(w => !Words.Split(' ').Contains(w));
        if (unknown is not null) why = $"\"{unknown}\" is none of: {Words}";
        else if (low is { } l && !double.IsFinite(l) || high is { } h && !double.IsFinite(h)) why = "low and high are numbers";
        else if (words.Contains("exponential") && !(low * high > 0)) why = "exponential needs low and high on the same side of 0";
        if (why != "") return null;
        var mode = words.Contains("gate") ? PressMode.Gate : words.Contains("toggle") ? PressMode.Toggle : words.Contains("velocity") ? PressMode.Velocity
            : words.Contains("press") || low is null && high is null ? PressMode.Press : PressMode.Gate;
        return new Binding
        {
            Control = control, Target = target, Address = address, Fixed = [.. parts.Skip(1)], Low = low, High = high, How = string.Join(' ', words), Mode = mode,
            IsExponential = words.Contains("exponential"), IsWhole = words.Contains("whole"), Jumps = words.Contains("jump"),
        };
    }

    // The text form of addresses.md section 1: words and "quoted words"; a whole number is i, one with . or e is f, true and false are T and F.
    static List<object>? Split(string text, out string why)
    {
        why = "";
        var parts = new List<object>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == ' ')
            {
                at++;
                continue;
            }
            if (text[at] == '"')
            {
                var end = text.IndexOf('"', at + 1);
                if (end < 0)
                {
                    why = "a quotation mark is missing";
                    return null;
                }
                parts.Add(text[(at + 1)..end]);
                at = end + 1;
                continue;
            }
            var stop = text.IndexOf(' ', at);
            var word = stop < 0 ? text[at..] : text[at..stop];
            at += word.Length;
            parts.Add(int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
                : word.Any(c => c is '.' or 'e') && float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number) ? number
                : word is "true" or "false" ? word == "true" : word);
        }
        return parts;
    }
}
