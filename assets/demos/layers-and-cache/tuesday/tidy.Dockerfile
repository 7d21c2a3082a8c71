FROM python:3.12-slim
WORKDIR /srv
RUN dd if=/dev/zero of=/tmp/data.bin bs=1M count=300 && rm /tmp/data.bin
