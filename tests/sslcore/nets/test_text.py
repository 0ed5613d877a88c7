import pytest
import torch

from sslcore.nets.text import TextEncoder


def encoder(**changes):
    torch.manual_seed(0)
    values = {"words": 12, "context": 6, "width": 16, "layers": 2, "heads": 4, **changes}
    return TextEncoder(**values)


def test_padding_is_not_looked_at_and_order_is():
    text = encoder()
    short = torch.tensor([[3, 5, 2]])
    padded = torch.tensor([[3, 5, 2, 0, 0]])
    torch.testing.assert_close(text(short), text(padded))
    assert not torch.allclose(text(short), text(torch.tensor([[5, 3, 2]])))
    with torch.no_grad():
        text.words.weight[0] = 100.0
    torch.testing.assert_close(text(short), text(padded))


def test_sentences_are_independent_and_cut_at_the_context():
    text = encoder().eval()
    tokens = torch.randint(1, 12, (4, 6))
    whole = text(tokens)
    assert whole.shape == (4, text.dimensions) == (4, 16)
    torch.testing.assert_close(text(tokens[2:3]), whole[2:3])
    longer = torch.cat((tokens, torch.randint(1, 12, (4, 3))), 1)
    torch.testing.assert_close(text(longer), whole)


def test_a_sentence_without_words_is_finite():
    text = encoder()
    assert text(torch.zeros(2, 4, dtype=torch.int64)).isfinite().all()
    assert text(torch.zeros(2, 0, dtype=torch.int64)).isfinite().all()


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="no multiple of heads"):
        encoder(width=18)
    with pytest.raises(ValueError, match="vocabulary has 12"):
        encoder()(torch.tensor([[12]]))
