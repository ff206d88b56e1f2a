# docker build -t autointel .
# docker run --rm -v autointel:/data -v "$PWD:/work" autointel run talk.vtt
# `serve` listens inside the container only; give it the host's network: docker run --rm --network host … autointel serve
FROM python:3.12-slim AS build
WORKDIR /src
COPY locks/bootstrap.txt locks/run.txt locks/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r locks/bootstrap.txt \
    && /venv/bin/uv pip install --no-cache --python /venv/bin/python --require-hashes --no-deps -r locks/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /venv/bin/uv pip install --no-cache --python /venv/bin/python --no-deps --no-build-isolation . \
    && /venv/bin/python -m compileall -q /venv/lib >/dev/null || true

FROM python:3.12-slim
RUN useradd --create-home reader && mkdir /data /work && chown reader /data /work
COPY --from=build /venv /venv
USER reader
WORKDIR /work
ENV AUTOINTEL_HOME=/data PATH=/venv/bin:$PATH
VOLUME /data
ENTRYPOINT ["autointel"]
CMD ["--help"]
