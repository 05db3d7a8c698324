namespace OscLooper.Enchanter;

/// <summary>[any] Which control a message belongs to: one look into a flat table by kind of message, channel and first data byte.</summary>
sealed class Decoder
{
    readonly short[] places = new short[8 * 16 * 128];

    /// <summary>[main] The table of one cable.</summary>
    internal Decoder(IReadOnlyList<Control> controls, int cable)
    {
        Array.Fill(places, (short)-1);
        // A control on one channel comes before one on any channel, which comes before the keys.
        foreach (var kind in new[] { (Any: true, Key: true), (Any: false, Key: true), (Any: true, Key: false), (Any: false, Key: false) })
            for (var i = 0; i < controls.Count; i++)
            {
                var control = controls[i];
                if (control.Port != cable || control.Channel < 0 != kind.Any || control.Kind == ControlKind.Key != kind.Key) continue;
                for (var channel = 0; channel < 16; channel++)
                    if (control.Channel < 0 || control.Channel == channel) Put(control, channel, (short)i);
            }
    }

    void Put(Control control, int channel, short place)
    {
        var (first, last) = control.Kind == ControlKind.Key || IsWithoutNumber(control.Message) ? (0, 127) : (control.Number, control.Number);
        for (var number = first; number <= last; number++)
        {
            places[At(control.Message, channel, number)] = place;
            if (control.Message == NoteEvent.On) places[At(NoteEvent.Off, channel, number)] = place;
        }
        if (control.Fine >= 0) places[At(control.Message, channel, control.Fine)] = place;
    }

    static bool IsWithoutNumber(int message) => message is NoteEvent.Bend or 0xC0 or 0xD0;

    static int At(int message, int channel, int number) => (message >> 4 & 7) << 11 | channel << 7 | number;

    /// <summary>[audio] Place of the control, or -1.</summary>
    internal int Find(in NoteEvent e) => places[At(e.Status, e.Channel, e.Pitch & 127)];
}
