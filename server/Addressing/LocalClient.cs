using OscLooper.Osc;

namespace OscLooper.Server.Addressing;

/// <summary>[main] A client inside this process, without sockets: renders, FIFO, modules' desks and tests.</summary>
public sealed class LocalClient : Client
{
    readonly Dispatcher dispatcher;

    readonly bool isDistant;

    internal LocalClient(int id, string name, Dispatcher dispatcher, bool isDistant) : base(id, name) => (this.dispatcher, this.isDistant) = (dispatcher, isDistant);

    internal override bool IsTrusted => !isDistant;
    internal override bool KeepsOrder => !isDistant;

    /// <summary>[main] Everything that was answered and not taken yet, oldest first.</summary>
    public Queue<Reply> Replies { get; } = new();

    /// <summary>[main] Called instead of keeping replies, when set.</summary>
    public Action<Reply>? Heard { get; set; }

    /// <summary>[main] Sends a message; a frame makes it act exactly there.</summary>
    public void Send(OscMessage message, long? frame = null) => Send((OscPacket)message, frame);

    /// <summary>[main] Sends a message or bundle; a frame makes all of it act exactly there.</summary>
    public void Send(OscPacket packet, long? frame = null) =>
        Send(packet.ToBytes(), frame);

    /// <summary>[main] Sends a message made of values.</summary>
    public void Send(string address, params OscValue[] arguments) => Send(new OscMessage(address, arguments));

    /// <summary>[main] Sends bytes as they would come from a cable; a frame makes all of it act exactly there.</summary>
    public void Send(ReadOnlySpan<byte> packet, long? frame = null) => dispatcher.Packet(this, packet, 0, frame);

    internal override void Post(ReadOnlySpan<byte> message, long frame, bool isFeedback)
    {
        if (!OscMessage.TryParse(message, out var parsed, out _)) return;
        var reply = new Reply(frame, parsed);
        if (Heard is { } heard) heard(reply);
        else Replies.Enqueue(reply);
    }

    internal override void Flush() { }
}
