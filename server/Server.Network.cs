using OscLooper.Server.Network;

namespace OscLooper.Server;

// The sockets.
public sealed partial class Server
{
    Ports? network;

    /// <summary>[main] Opens the UDP and TCP ports; throws <see cref="PortTakenException"/> when they are in use.</summary>
    public void Listen()
    {
        if (options.OscPort == 0 || network is not null) return;
        network = new Ports(this, options);
    }

    /// <summary>[main] The port that is listened on; 0 without network.</summary>
    public int Port => network?.Port ?? 0;

    /// <summary>[main] UDP clients that are known, and how many were looked at to find those that go.</summary>
    internal (int Known, long Looked) UdpClients() => network?.UdpClients() ?? (0, 0);

    /// <summary>[main] The UDP receive buffer that was granted, and packets that the kernel dropped.</summary>
    internal (int Buffer, long Drops) UdpHealth() => network?.UdpHealth() ?? (0, 0);

    /// <summary>[main] One line for whoever starts the server; also of the log.</summary>
    internal void Warn(string text) => Log(LogLevel.Warning, text);

    void CloseNetwork() => network?.Dispose();

    void AddMidi()
    {
        Engine.Midi.VirtualNames = options.MidiPorts;
        Add("midi", at => new Midi.MidiModule(at, Engine, () => Realm.Stage.Touch()));
    }

    Audio.AudioModule AddAudio() => (Audio.AudioModule)Add("audio", at => new Audio.AudioModule(at, Engine));
}
