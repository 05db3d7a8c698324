namespace OscLooper.Looper;

/// <summary>[any] What all channels hold at one frame: made by a worker, filled in by the audio side, read by the worker while nothing is freed.</summary>
sealed class LooperSnapshot
{
    /// <summary>[any] The frame at which it was filled in.</summary>
    public long Frame;
    /// <summary>[any] Where the transport's grid was, in beats, and how long a beat was.</summary>
    public double Beat, FramesPerBeat;
    public ChannelSnapshot[] Channels = [];
    /// <summary>[any] Channels that were filled in.</summary>
    public int Count;
    /// <summary>[any] There was not room for everything; a larger one is needed.</summary>
    public bool IsShort;

    /// <summary>[worker] Room for so many channels with so many scenes each; what is there already is used again.</summary>
    public void MakeRoom(int channels, int scenes)
    {
        if (Channels.Length < channels) Channels = [.. Channels, .. Enumerable.Range(0, channels - Channels.Length).Select(_ => new ChannelSnapshot())];
        foreach (var channel in Channels)
            if (channel.Scenes.Length < scenes)
                channel.Scenes = [.. channel.Scenes, .. Enumerable.Range(0, scenes - channel.Scenes.Length).Select(_ => new SceneSnapshot())];
    }
}

/// <summary>[any] What one channel holds at a frame.</summary>
sealed class ChannelSnapshot
{
    public int Row, Lanes, Active, SceneCount;
    public SceneSnapshot[] Scenes = [];
    /// <summary>[any] The take that is being recorded into the active scene; empty when none is.</summary>
    public Dsp.Tape Take;
    /// <summary>[any] The tape that is being written on, of a pass or of its fade-out; 0 = none. It changes under the reader's hands.</summary>
    public long WritingId;
    public double Volume, Pan, Feedback, Rate;
    public bool IsMute, IsSolo;
    public int Monitor, Quantize, Sync, SyncChannel;
    public (int First, int Second) Input, Output;
}

/// <summary>[any] What one scene holds at a frame.</summary>
sealed class SceneSnapshot
{
    public LoopState State;
    public double RestPosition;
    public Layer Now;
    public readonly Layer[] Undo = new Layer[LayerStack.Most], Redo = new Layer[LayerStack.Most];
    public int UndoCount, RedoCount;
}
