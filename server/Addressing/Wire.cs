using OscLooper.Osc;

namespace OscLooper.Server.Addressing;

/// <summary>[main] Values as they stand in answers and feedback (addresses.md section 1).</summary>
static class Wire
{
    const double FloorDecibels = -200;

    /// <summary>[main] Writes a leaf's message: its address and its value.</summary>
    public static bool Write(ref OscWriter writer, ReadOnlySpan<char> address, Declaration declaration, in Cell value, object content)
    {
        writer.Begin(address);
        for (var i = 0; i < declaration.Specs.Count; i++)
        {
            var spec = declaration.Specs[i];
            if (spec.Kind != SpecKind.Number) Any(ref writer, content);
            else Number(ref writer, spec, i switch { 0 => value.A, 1 => value.B, _ => value.C });
        }
        return writer.End();
    }

    /// <summary>[main] The same as objects, for listeners in this process.</summary>
    public static object[] Values(Declaration declaration, in Cell value, object content)
    {
        var values = new object[declaration.Specs.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var spec = declaration.Specs[i];
            var number = i switch { 0 => value.A, 1 => value.B, _ => value.C };
            values[i] = spec.Tag switch
            {
                's' => spec.Choices.Count > 0 ? WordOf(spec, number) : content,
                'b' => content,
                'i' => ToInt(number),
                'h' => (long)number,
                'd' => Shown(spec, number),
                _ => (float)Shown(spec, number),
            };
        }
        return values;
    }

    /// <summary>[main] One number by its declaration: a word, or i h f d.</summary>
    public static void Number(ref OscWriter writer, Spec spec, double number)
    {
        switch (spec.Tag)
        {
            case 's': writer.Add(WordOf(spec, number)); break;
            case 'i': writer.Add(ToInt(number)); break;
            case 'h': writer.Add((long)number); break;
            case 'd': writer.Add(Shown(spec, number)); break;
            default: writer.Add((float)Shown(spec, number)); break;
        }
    }

    /// <summary>[main] Any value a module hands over.</summary>
    public static void Any(ref OscWriter writer, object value)
    {
        switch (value)
        {
            case int i: writer.Add(i); break;
            case long h: writer.Add(h); break;
            case float f: writer.Add(f); break;
            case double d: writer.Add(d); break;
            case bool b: writer.Add(b); break;
            case string s: writer.Add(s.Contains('\0') ? s.Replace('\0', ' ') : s); break;
            case byte[] b: writer.AddBlob(b); break;
            case OscTimeTag t: writer.AddTime(t); break;
            case OscValue v: v.WriteTo(ref writer); break;
            case null: writer.AddNil(); break;
            default: writer.Add(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? ""); break;
        }
    }

    static double Shown(Spec spec, double number) =>
        !spec.PeakAsDecibels ? number : number <= 1e-10 ? FloorDecibels : Math.Max(FloorDecibels, 20 * Math.Log10(number));

    static string WordOf(Spec spec, double number) => spec.Choices[Math.Clamp((int)number, 0, spec.Choices.Count - 1)];

    static int ToInt(double number) => (int)Math.Clamp(number, int.MinValue, int.MaxValue);
}
