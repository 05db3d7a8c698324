using System.Text;
using OscLooper.Osc;

namespace OscLooper.Server.Addressing;

/// <summary>[main] Writes answers, refusals and feedback; each client sends what it got at the end of the tick.</summary>
sealed class Postman(AddressSpace space, Timing timing)
{
    const int KeptBytes = 1 << 16, MostDetail = 4096;
    readonly OscBuffer scratch = new(limit: OscStreamDecoder.DefaultMaxPacketBytes);
    readonly List<Client> dirty = [];
    readonly List<Client> holdingBack = [], cutting = [];

    /// <summary>[main] Refusals told or counted since the start.</summary>
    public long Refusals { get; private set; }

    /// <summary>[main] Whether a refusal would be told now; ask before making an expensive detail. Counts it otherwise.</summary>
    public bool MayFail(Client client)
    {
        Refusals++;
        if (client.Fails.Admit(timing.Now)) return true;
        if (client.Fails.Held == 1) holdingBack.Add(client);
        return false;
    }

    /// <summary>[main] /fail address reason detail.</summary>
    public void Fail(Client client, ReadOnlySpan<byte> address, Reason reason, string detail)
    {
        if (!client.IsGone && MayFail(client)) TellFail(client, address, reason.Word(), detail);
    }

    /// <summary>[main] /fail address reason detail, of a message that was refused at its frame.</summary>
    public void Fail(Client client, string address, Reason reason, string detail, long frame)
    {
        if (!client.IsGone && MayFail(client)) TellFail(client, Encoding.UTF8.GetBytes(address), reason.Word(), detail, frame);
    }

    /// <summary>[main] /fail address reason detail.</summary>
    public void Fail(Client client, string address, Reason reason, string detail) => Fail(client, Encoding.UTF8.GetBytes(address), reason, detail);

    /// <summary>[main] /fail, when <see cref="MayFail"/> has said yes.</summary>
    public void TellFail(Client client, ReadOnlySpan<byte> address, string reason, string detail, long frame = -1)
    {
        var writer = new OscWriter(scratch);
        writer.Begin(ServerMessages.Fail);
        // An address of the size of a datagram is told shortened.
        if (!writer.AddText(address.Length <= 1024 ? address : address[..1024])) return;
        writer.Add(reason);
        writer.Add(detail.Length <= MostDetail ? detail : detail[..MostDetail]);
        if (writer.End()) Post(client, writer.Written, frame < 0 ? timing.Frame : frame);
    }

    /// <summary>[main] Any message.</summary>
    public void Say(Client client, string address, params ReadOnlySpan<object> values)
    {
        var writer = new OscWriter(scratch);
        writer.Begin(address);
        foreach (var value in values) Wire.Any(ref writer, value);
        Finish(client, ref writer, address, timing.Frame);
    }

    /// <summary>[main] A message whose first argument is a text, e.g. /done address values.</summary>
    public void Say(Client client, string address, string first, ReadOnlySpan<object> values)
    {
        var writer = new OscWriter(scratch);
        writer.Begin(address);
        writer.Add(first);
        foreach (var value in values) Wire.Any(ref writer, value);
        Finish(client, ref writer, first, timing.Frame);
    }

    /// <summary>[main] A message with the arguments of another.</summary>
    public void Repeat(Client client, string address, ReadOnlySpan<OscValue> values)
    {
        var writer = new OscWriter(scratch);
        writer.Begin(address);
        foreach (var value in values) value.WriteTo(ref writer);
        Finish(client, ref writer, address, timing.Frame);
    }

    /// <summary>[main] A leaf's value.</summary>
    public void Value(Client client, int target, in Cell value, long frame, bool isFeedback = false)
    {
        var declaration = space.DeclarationOf(target);
        if (declaration is null) return;
        var writer = new OscWriter(scratch);
        var isWritten = Wire.Write(ref writer, space.AddressOf(target), declaration, value, space.ContentOf(target));
        if (isWritten && writer.Written.Length <= client.LargestMessage) Post(client, writer.Written, frame, isFeedback);
        else TooLarge(client, space.AddressOf(target));
    }

    /// <summary>[main] Ends the tick: everybody's messages are sent.</summary>
    public void Flush()
    {
        for (var i = holdingBack.Count - 1; i >= 0; i--)
        {
            var client = holdingBack[i];
            if (!client.Fails.TakeHeld(timing.Now, out var count) && !client.IsGone) continue;
            holdingBack.RemoveAt(i);
            if (!client.IsGone) TellFail(client, "?"u8, Reason.Refused.Word(), $"{count} more messages could not be carried out");
        }
        for (var i = cutting.Count - 1; i >= 0; i--)
        {
            var client = cutting[i];
            if (!client.TakeCut(timing.Now, out var count) && !client.IsGone) continue;
            cutting.RemoveAt(i);
            client.IsCutListed = false;
            if (!client.IsGone) TellFail(client, "?"u8, Reason.Refused.Word(), $"{count} more messages: start with --allow HOST, or ask by TCP");
        }
        foreach (var client in dirty)
        {
            client.IsDirty = false;
            if (!client.IsGone) client.Flush();
        }
        dirty.Clear();
    }

    /// <summary>[main] Somebody must be told of held refusals when the second is over.</summary>
    public bool IsHoldingBack => holdingBack.Count + cutting.Count > 0;

    void Finish(Client client, ref OscWriter writer, string about, long frame)
    {
        if (writer.End() && writer.Written.Length <= client.LargestMessage) Post(client, writer.Written, frame);
        else TooLarge(client, about);
    }

    // An answer that no datagram carries is not left out in silence.
    void TooLarge(Client client, string about) =>
        Fail(client, about, Reason.Failed, $"the answer has more than {client.LargestMessage} bytes{(client.LargestMessage == OscPacket.MaxDatagramBytes ? ", which UDP cannot carry: ask by TCP" : "")}");

    void Post(Client client, ReadOnlySpan<byte> message, long frame, bool isFeedback = false)
    {
        if (client.IsGone) return;
        client.Post(message, frame, isFeedback);
        if (client is { HasCut: true, IsCutListed: false })
        {
            client.IsCutListed = true;
            cutting.Add(client);
        }
        // One large answer does not stay in memory.
        scratch.Clear();
        scratch.Trim(KeptBytes);
        if (client.IsDirty) return;
        client.IsDirty = true;
        dirty.Add(client);
    }
}
