using System.Globalization;

namespace OscLooper.Looper;

/// <summary>[main] Names of lanes: "audio:in" (all), "audio:in/2" (one), "audio:in/3+4" (a pair), "none".</summary>
static class PortName
{
    /// <summary>[any] The name of what <see cref="TryParse"/> reads.</summary>
    public static string Of(string port, (int First, int Second) lanes) => lanes.First switch
    {
        Channel.NoLane => "none",
        Channel.AllLanes => port,
        _ => lanes.Second < 0 ? $"{port}/{lanes.First + 1}" : $"{port}/{lanes.First + 1}+{lanes.Second + 1}",
    };

    /// <summary>[main] Lanes from 0, or Channel.AllLanes, Channel.NoLane; second is -1 when there is only one.</summary>
    public static bool TryParse(string text, string port, int lanes, out int first, out int second, out string why)
    {
        (first, second, why) = (Channel.NoLane, -1, "");
        if (text == "none") return true;
        if (text == port)
        {
            first = Channel.AllLanes;
            return true;
        }
        if (!text.StartsWith(port + "/", StringComparison.Ordinal))
        {
            why = $"{text} is not known; try {port}, {port}/1, {port}/1+2 or none";
            return false;
        }
        var parts = text[(port.Length + 1)..].Split('+');
        var numbers = new int[2];
        for (var i = 0; i < parts.Length; i++)
            if (parts.Length > 2 || !int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[Math.Min(i, 1)]) || numbers[i] < 1 || numbers[i] > lanes)
            {
                why = $"{text}: there are lanes 1 to {lanes}";
                return false;
            }
        (first, second) = (numbers[0] - 1, parts.Length == 2 ? numbers[1] - 1 : -1);
        return true;
    }
}
