using OscLooper.Osc;

namespace OscLooper.Server.Realm.Isolation;

/// <summary>[any] Values of modules and of OSC, into each other.</summary>
static class Wires
{
    public static OscValue ToOsc(object value) => value switch
    {
        int i => i,
        long h => h,
        float f => f,
        double d => d,
        bool b => b,
        byte[] b => b,
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };

    public static object ToObject(OscValue value) => value.Tag switch
    {
        'i' or 'c' => (int)value.Whole,
        'h' => value.Whole,
        'f' => (float)value.Number,
        'd' => value.Number,
        'T' or 'F' => value.Tag == 'T',
        'b' => value.Blob.ToArray(),
        's' or 'S' => value.Text,
        _ => value.ToString(),
    };
}
