namespace OscLooper.Osc;

/// <summary>Packets that are meant for one time, to be kept: for clients and tests.</summary>
public sealed class OscBundle(OscTimeTag timeTag, params OscPacket[] elements) : OscPacket, IEquatable<OscBundle>
{
    /// <summary>When.</summary>
    public OscTimeTag TimeTag { get; } = timeTag;

    /// <summary>Messages and bundles, in order.</summary>
    public OscPacket[] Elements { get; } = elements;

    /// <inheritdoc/>
    public override bool WriteTo(ref OscWriter writer)
    {
        if (!writer.BeginBundle(TimeTag)) return false;
        foreach (var element in Elements)
        {
            if (!element.WriteTo(ref writer)) return false;
        }
        return writer.EndBundle();
    }

    /// <summary>Equal time tag and elements.</summary>
    public bool Equals(OscBundle? other) =>
        other is not null && TimeTag == other.TimeTag && Elements.SequenceEqual(other.Elements);

    /// <inheritdoc/>
    public override bool Equals(object? other) => Equals(other as OscBundle);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(TimeTag, Elements.Length);

    /// <summary>All on one line, for people: there is no text form of a bundle.</summary>
    public override string ToString() => $"#bundle {TimeTag} {{ {string.Join("; ", (object[])Elements)} }}";
}
