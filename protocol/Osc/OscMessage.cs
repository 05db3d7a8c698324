using System.Text;

namespace OscLooper.Osc;

/// <summary>An address and its arguments, to be kept: for clients and tests. The server reads messages in place.</summary>
public sealed class OscMessage(string address, params OscValue[] arguments) : OscPacket, IEquatable<OscMessage>
{
    /// <summary>The address, which may be a pattern.</summary>
    public string Address { get; } = address;

    /// <summary>The arguments; '[' and ']' are values of their own.</summary>
    public OscValue[] Arguments { get; } = arguments;

    /// <summary>The type tags without the comma.</summary>
    public string Tags => string.Concat(Arguments.Select(value => value.Tag));

    /// <summary>Reads a packet that must be one message.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out OscMessage message, out OscError error)
    {
        message = new("/");
        if (!TryRead(bytes, out var packet, out error)) return false;
        if (packet.IsBundle)
        {
            error = new(OscErrorKind.BundleUnexpected, 0);
            return false;
        }
        message = packet.Message.ToMessage();
        return true;
    }

    /// <inheritdoc/>
    public override bool WriteTo(ref OscWriter writer)
    {
        if (!writer.Begin(Address)) return writer.End();
        foreach (var value in Arguments)
        {
            if (!value.WriteTo(ref writer)) break;
        }
        return writer.End();
    }

    /// <summary>Equal address, types and bits.</summary>
    public bool Equals(OscMessage? other) =>
        other is not null && Address == other.Address && Arguments.AsSpan().SequenceEqual(other.Arguments);

    /// <inheritdoc/>
    public override bool Equals(object? other) => Equals(other as OscMessage);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, Arguments.Length);

    /// <summary>The text form.</summary>
    public override string ToString()
    {
        var line = new StringBuilder(Address);
        foreach (var value in Arguments) line.Append(' ').Append(value.ToString());
        return line.ToString();
    }
}
