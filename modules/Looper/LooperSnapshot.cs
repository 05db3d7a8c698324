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

    /// <summary>[worker] Room for so many channels, and in each for what it was short of; what is there already is used again.</summary>
    public void MakeRoom(int channels)
    {
        if (Channels.Length < channels) Channels = [.. Channels, .. Enumerable.Range(0, channels - Channels.Length).Select(_ => new ChannelSnapshot())];
        foreach (var channel in Channels) channel.MakeRoom();
    }
}

/// <summary>[any] What one channel holds at a frame.</summary>
sealed class ChannelSnapshot
{
    public int Row, Lanes, Active, SceneCount;
    public SceneSnapshot[] Scenes = [new()];

    /// <summary>[worker] Room for all its scenes, and for the layers of those that have some. (Of 64 scenes in each of a thousand channels most are empty.)</summary>
    public void MakeRoom()
    {
        if (Scenes.Length < SceneCount) Scenes = [.. Scenes, .. Enumerable.Range(0, SceneCount - Scenes.Length).Select(_ => new SceneSnapshot())];
        foreach (var scene in Scenes)
            if (scene.UndoCount + scene.RedoCount > 0) scene.MakeRoom();
    }

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
    public Layer[] Undo = [], Redo = [];
    public int UndoCount, RedoCount;

    public void MakeRoom()
    {
        if (Undo.Length == 0) (Undo, Redo) = (new Layer[LayerStack.Most], new Layer[LayerStack.Most]);
    }
}
